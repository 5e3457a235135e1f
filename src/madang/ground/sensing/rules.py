"""Who may do what with devices."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role, steward

CENTRE = role(
    "operator",
    "shift_leader",
    "dispatcher",
    "traffic_engineer",
    "seconded_police",
    "seconded_fire",
    "administrator",
)

# Where an ambulance or a patrol car is, is the safety centre's to know.
allow("sensing.view", _("See devices, their health and what they measure"), CENTRE | steward)
allow(
    "sensing.manage",
    _("Give devices credentials and take them out of service"),
    role("administrator", "shift_leader") | steward,
)
