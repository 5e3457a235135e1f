"""Who may follow what on a live screen: `live.<kind>` for each kind of the ground's own."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role

CENTRE = role(
    "operator",
    "shift_leader",
    "dispatcher",
    "traffic_engineer",
    "seconded_police",
    "seconded_fire",
    "administrator",
)

allow("live.devices", _("Follow devices on the map"), CENTRE)
allow("live.alarms", _("Follow alarms as they are raised"), CENTRE)
allow("live.incidents", _("Follow incidents as they are handled"), CENTRE)
