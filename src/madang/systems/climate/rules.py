"""Who may do what with carbon and heat."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, everybody, role

allow("climate.see", _("See carbon, heat and plans for them"), everybody)
allow("climate.plan", _("Make and change plans of carbon and heat"), role("planner"))
