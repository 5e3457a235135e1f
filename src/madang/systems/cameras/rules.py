"""Who may do what with the register of cameras and with their pictures.

A role alone shows no picture: it opens the page, and the scope, grant or emergency access of the
account decides of each camera (people.public.RightsBook).
"""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role

CENTRE = (
    "operator",
    "shift_leader",
    "dispatcher",
    "seconded_police",
    "seconded_fire",
    "footage_officer",
)

allow(
    "cameras.register",
    _("See every camera of the register with its health and faults"),
    role(*CENTRE, "privacy_officer", "administrator"),
)
allow(
    "cameras.manage",
    _("Keep the register of cameras: devices, addresses, purposes, consultations"),
    role("administrator", "footage_officer"),
)
allow(
    "cameras.report",
    _("Report and end faults of cameras"),
    role("operator", "shift_leader", "administrator", "footage_officer"),
)
allow("cameras.watch", _("Watch cameras that a scope or grant opens"), role(*CENTRE))
allow("cameras.steer", _("Steer cameras that a scope or grant opens"), role(*CENTRE))
allow(
    "cameras.steering",
    _("Keep the rules of steering: who goes first, and within which angles"),
    role("footage_officer"),
)
allow(
    "cameras.play",
    _("Play back recordings of cameras that a scope or grant opens"),
    role(*CENTRE),
)
allow(
    "cameras.lock",
    _("Keep footage beyond its term, and release it"),
    role("shift_leader", "footage_officer"),
)
allow(
    "cameras.aim",
    _("Record where a camera looks by a landmark on the map"),
    role("operator", "shift_leader", "administrator", "footage_officer"),
)
allow(
    "cameras.policy",
    _("Write what the policy on cameras says beside the register"),
    role("administrator", "footage_officer", "privacy_officer"),
)
allow(
    "cameras.mask",
    _("Draw and end the zones of a camera's picture that are hidden"),
    role("footage_officer"),
)
allow(
    "cameras.unmask",
    _("See behind the hidden zones of a camera's picture"),
    role("footage_officer"),
)
allow(
    "cameras.give",
    _("Prepare footage that is shown, given or exported"),
    role("operator", "shift_leader", "footage_officer"),
)
allow(
    "cameras.decide_giving",
    _("Approve or refuse what another prepared, and hand the package out"),
    role("footage_officer"),
)
allow(
    "cameras.giving_ledger",
    _("Read the ledger of footage given to others"),
    role("footage_officer", "privacy_officer", "auditor"),
)
