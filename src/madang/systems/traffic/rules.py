"""Who may see vehicles."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role

allow(
    "live.vehicles",
    _("Follow vehicles on the map"),
    role("operator", "shift_leader", "dispatcher", "traffic_engineer", "seconded_police"),
)

allow(
    "traffic.network",
    _("See street networks, signal plans and what was mended in them"),
    role("operator", "shift_leader", "traffic_engineer", "planner", "administrator", "steward"),
)

allow(
    "traffic.see",
    _("See levels of service, signals and what detectors count"),
    role(
        *("operator", "shift_leader", "dispatcher", "traffic_engineer", "seconded_police"),
        *("planner", "administrator"),
    ),
)

allow(
    "traffic.window",
    _("Open a microscopic window: a district simulated from the state of now"),
    role("traffic_engineer", "operator", "shift_leader"),
)
