"""Footage that leaves the centre: asked for, checked, approved by another, packed, collected, destroyed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account
from madang.systems.cameras.models.devices import Camera, known


class Deed(models.TextChoices):
    """Three acts that are not one (열람·제공·반출)."""

    VIEWING = "viewing", _("Viewing: it is shown here, nothing leaves")
    GIVING = "giving", _("Giving: another body gets a copy")
    EXPORT = "export", _("Export: the person seen gets a copy")


class GivingBasis(models.TextChoices):
    """개인정보 보호법 §35 for one's own footage, else one of the cases of §18②."""

    OWN = "35", _("Footage of oneself (article 35)")
    CONSENT = "18-2-1", _("The person consented (article 18(2)1)")
    LAW = "18-2-2", _("Another law says so (article 18(2)2)")
    URGENT = "18-2-3", _("Life, body or property in urgent danger (article 18(2)3)")
    COMMISSION = "18-2-5", _("Decided by the protection commission (article 18(2)5)")
    TREATY = "18-2-6", _("A treaty or agreement (article 18(2)6)")
    INVESTIGATION = "18-2-7", _("Investigation and prosecution of a crime (article 18(2)7)")
    COURT = "18-2-8", _("A court's work (article 18(2)8)")
    SENTENCE = "18-2-9", _("Execution of a sentence or custody (article 18(2)9)")
    SAFETY = "18-2-10", _("Public safety in an emergency (article 18(2)10)")


ORIGINAL = (GivingBasis.INVESTIGATION, GivingBasis.COURT)  # the others get third persons masked


class GivingState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("giving", "Being prepared")
    CHECKED = "checked", pgettext_lazy("giving", "Waits for approval")
    REFUSED = "refused", pgettext_lazy("giving", "Refused")
    APPROVED = "approved", pgettext_lazy("giving", "Being packed")
    FAILED = "failed", pgettext_lazy("giving", "Could not be packed")
    PACKED = "packed", pgettext_lazy("giving", "Ready")
    COLLECTED = "collected", pgettext_lazy("giving", "Collected")
    DESTROYED = "destroyed", pgettext_lazy("giving", "Package destroyed")


class Giving(models.Model):
    """One request for footage and what came of it. request is the number in the ledger of requests for
    one's own footage; word is the hash of the address at which the package is collected, once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    deed = models.CharField(_("Viewing, giving or export"), max_length=8, choices=Deed.choices)
    basis = models.CharField(_("Legal basis"), max_length=8, choices=GivingBasis.choices)
    clause = models.CharField(
        _("Law and article"),
        max_length=200,
        blank=True,
        help_text=_("Of another law: its article."),
    )
    request = models.PositiveIntegerField(_("Request for one's own footage"), null=True, blank=True)
    receiver = models.CharField(_("Who receives it"), max_length=200)
    document = models.CharField(_("Document number"), max_length=100, blank=True)
    purpose = models.CharField(_("Purpose of the giving"), max_length=300)
    items = models.CharField(_("Items of personal data"), max_length=200)
    limits = models.TextField(_("Limits and measures asked of the receiver"))
    state = models.CharField(
        max_length=10, choices=GivingState.choices, default=GivingState.DRAFT, editable=False
    )
    prepared = models.DateTimeField(default=timezone.now, editable=False)
    prepared_by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)
    decided = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", editable=False
    )
    reason = models.CharField(_("Reason"), max_length=300, blank=True, editable=False)
    packed = models.DateTimeField(null=True, editable=False)
    bytes = models.PositiveBigIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    failure = models.CharField(max_length=300, blank=True, editable=False)
    word = models.CharField(max_length=64, blank=True, editable=False)
    until = models.DateTimeField(null=True, editable=False)
    collections = models.PositiveSmallIntegerField(default=0, editable=False)
    collected = models.DateTimeField(null=True, editable=False)
    destroyed = models.DateTimeField(null=True, editable=False)
    reported = models.DateField(_("Destroyed by the receiver on"), null=True, blank=True)
    reported_how = models.CharField(_("How it was destroyed"), max_length=200, blank=True)
    reported_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "number"], name="giving_number"),
            known("deed", Deed.values, "giving_deed_known"),
            known("basis", GivingBasis.values, "giving_basis_known"),
            known("state", GivingState.values, "giving_state_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("prepared_by")),
                name="giving_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "checked")) | Q(decided__isnull=False),
                name="giving_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="giving_refused_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(basis="35", request__isnull=False) | ~Q(basis="35") & Q(request=None),
                name="giving_own_by_request",
            ),
            models.CheckConstraint(
                condition=~Q(basis="35") | ~Q(deed="giving"), name="giving_own_to_oneself"
            ),
            models.CheckConstraint(
                condition=Q(reported=None) | ~Q(reported_how=""), name="giving_report_says_how"
            ),
        ]
        indexes = [models.Index(fields=["city", "-number"], name="givings_of_city")]

    def __str__(self) -> str:
        return f"{self.prepared:%Y}-{self.number}"

    @property
    def original(self) -> bool:
        """Whether the receiver gets what was recorded as it is."""
        return self.basis in ORIGINAL


class GivingSpan(models.Model):
    """A span of one camera's footage that is asked for.

    moving: third persons hidden by hand, each a list of [second, left, top, width, height] of a
    rectangle (fractions of the picture); between two it moves evenly, before and after there is none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    giving = models.ForeignKey(Giving, models.PROTECT, related_name="spans")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="+")
    begins = models.DateTimeField(_("From"))
    ends = models.DateTimeField(_("Until"))
    moving = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("begins")), name="giving_span_ends_after"
            ),
            models.UniqueConstraint(fields=["giving", "camera", "begins"], name="giving_span_once"),
        ]
