"""Who may do what in the privacy officer's room."""

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import allow, role

OFFICER = role("privacy_officer")

allow("trail.view", _("Search the trail"), role("privacy_officer", "auditor"))
allow("privacy.review", _("Review a month of the trail"), OFFICER)
allow("privacy.breach", _("Write down breaches of personal data and their steps"), OFFICER)
allow(
    "privacy.requests",
    _("Decide on requests for one's own footage"),
    role("privacy_officer", "footage_officer"),
)
allow("privacy.contracts", _("Keep the contracts with processors"), OFFICER)
