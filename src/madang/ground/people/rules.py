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
allow(
    "people.grant",
    _("Grant cameras to another agency, and revoke it"),
    role("shift_leader", "footage_officer"),
)
allow(
    "people.grants.view",
    _("See which cameras are granted to whom"),
    role("shift_leader", "footage_officer", "privacy_officer", "auditor", "operator"),
)
allow(
    "people.break_glass",
    _("Open cameras in an emergency, with a reason"),
    role("operator", "shift_leader", "dispatcher", "seconded_police", "seconded_fire"),
)
allow(
    "people.reason",
    _("Say why one looks at cameras"),
    role(
        "operator",
        "shift_leader",
        "dispatcher",
        "seconded_police",
        "seconded_fire",
        "footage_officer",
        "privacy_officer",
    ),
)
allow("people.review_glass", _("Look into emergency access to cameras"), role("privacy_officer"))
allow("people.plan_shifts", _("Plan duty shifts"), role("shift_leader", "administrator"))
allow(
    "people.shifts.view",
    _("See duty shifts"),
    role("operator", "shift_leader", "dispatcher", "administrator"),
)
allow("people.roles", _("See what each role may do"), signed_in)
allow(
    "people.glass.view",
    _("See emergency access to cameras"),
    role(
        "operator",
        "shift_leader",
        "dispatcher",
        "seconded_police",
        "seconded_fire",
        "privacy_officer",
    ),
)
allow(
    "people.granted",
    _("See what is granted to one's agency"),
    role("seconded_police", "seconded_fire"),
)
