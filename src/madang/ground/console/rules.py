"""Who may do what on the console."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, everybody, role, signed_in

CENTRE = role(
    "operator", "shift_leader", "dispatcher", "traffic_engineer", "seconded_police", "seconded_fire"
)

allow("console.see", _("See the public map of the city"), everybody)
allow("console.keep", _("Keep views and bookmarks of one's own"), signed_in)
allow("console.follow", _("Open the situation board"), CENTRE)
allow("console.replay", _("See where things were in the past"), CENTRE)
allow("console.push", _("Push a view to the situation board"), role("operator", "shift_leader"))
