"""Who may do what with a city and its data sets. Reading them is everybody's."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role, steward

allow(
    "city.import",
    _("Import data sets, see what was rejected, and undo imports"),
    role("administrator", "planner", "traffic_engineer") | steward,
)
allow(
    "city.settings",
    _("Change the city's settings and the words of its data sets"),
    role("administrator") | steward,
)
