"""Who may do what with people and their roles."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role, signed_in, steward

allow(
    "people.view",
    _("See organisations, people and their roles"),
    role("administrator", "shift_leader", "privacy_officer", "auditor") | steward,
)
allow(
    "people.manage",
    _("Give and end roles, make accounts and organisations"),
    role("administrator") | steward,
)
allow("people.self", _("Look after one's own account"), signed_in)
