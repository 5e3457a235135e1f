"""Who may see vehicles."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role

allow(
    "live.vehicles",
    _("Follow vehicles on the map"),
    role("operator", "shift_leader", "dispatcher", "traffic_engineer", "seconded_police"),
)
