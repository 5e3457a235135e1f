"""Who may see emergency vehicles."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role

allow(
    "live.emergency",
    _("Follow emergency vehicles on the map"),
    role(
        "operator",
        "shift_leader",
        "dispatcher",
        "traffic_engineer",
        "seconded_police",
        "seconded_fire",
    ),
)
