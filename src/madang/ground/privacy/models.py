from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account, Organisation

REPORT_WITHIN = timedelta(hours=72)  # 개인정보 보호법 §34, 시행령 §39-40
ANSWER_WITHIN = timedelta(days=10)  # §35, 시행령 §41
REPORTED_FROM = 1000  # persons


class Breach(models.Model):
    """Personal data was lost, stolen, leaked or seen without right; the clock runs from learning of it."""

    class Kind(models.TextChoices):
        LEAK = "leak", _("Leak")
        LOSS = "loss", _("Loss or theft")
        HACKING = "hacking", _("Attack from outside")
        ABUSE = "abuse", _("Seen without right by somebody of ours")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    learned = models.DateTimeField(_("when we learned of it"))
    what = models.TextField(_("what happened, and which data"))
    persons = models.PositiveIntegerField(_("how many persons"), null=True, blank=True)
    sensitive = models.BooleanField(_("sensitive or uniquely identifying data"), default=False)
    measures = models.TextField(_("what was done against harm"), blank=True)
    told = models.DateTimeField(_("persons told"), null=True, blank=True)
    reported = models.DateTimeField(_("reported to the authority"), null=True, blank=True)
    closed = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(told=None) | Q(told__gte=F("learned")), name="breach_told_after"
            ),
            models.CheckConstraint(
                condition=Q(reported=None) | Q(reported__gte=F("learned")),
                name="breach_reported_after",
            ),
        ]
        indexes = [models.Index(fields=["city", "-learned"], name="breach_by_city")]

    @property
    def due(self) -> datetime:
        """Until when persons must be told, and the authority if must_report."""
        return self.learned + REPORT_WITHIN

    @property
    def must_report(self) -> bool:
        """Whether the authority must hear of it: many persons, grave data, or an attack (unknown: yes)."""
        many = self.persons is None or self.persons >= REPORTED_FROM
        return many or self.sensitive or self.kind == self.Kind.HACKING

    @property
    def waits_for(self) -> list[str]:
        """What is still to be done."""
        steps = [] if self.told else [str(_("tell the persons"))]
        if self.must_report and not self.reported:
            steps.append(str(_("report to the authority")))
        return steps

    @property
    def late(self) -> bool:
        return bool(self.waits_for) and timezone.now() > self.due

    @property
    def clock(self) -> str:
        """The 72 hours as people count them: how many are left, or how many are over."""
        minutes = round((self.due - timezone.now()).total_seconds() / 60)
        hours, rest = divmod(abs(minutes), 60)
        words = _("%(h)d h %(m)02d min over") if minutes < 0 else _("%(h)d h %(m)02d min left")
        return str(words) % {"h": hours, "m": rest}


class FootageRequest(models.Model):
    """Somebody asks for footage of themselves (§35): answered in ten days, with a reason if refused.

    It is entered by an officer, or sent by the citizen on the city's page: then it has a secret, kept as
    a password is, by which they see the answer. Who asked is needed until it is answered and for an
    appeal; it is cleared when the row is kept on as ledger (domain.keeping).
    """

    class Asks(models.TextChoices):
        VIEW = "view", _("to see it, or to have a copy")
        EXISTS = "exists", _("to know whether there is any")
        DELETE = "delete", _("to have it deleted")

    class Decision(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        GIVEN = "given", _("granted")
        PARTLY = "partly", _("granted in part")
        DELAYED = "delayed", _("delayed")
        REFUSED = "refused", _("refused")
        APPEALED = "appealed", _("appealed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT)
    number = models.PositiveIntegerField()
    name = models.TextField(_("who asks"), blank=True)
    contact = models.TextField(_("telephone or e-mail"), blank=True)
    born = models.DateField(null=True, blank=True)
    address = models.TextField(blank=True)
    relation = models.TextField(blank=True, help_text="what who asks is to person, if for another")
    person = models.TextField(blank=True)
    person_contact = models.TextField(blank=True)
    person_born = models.DateField(null=True, blank=True)
    asks = models.CharField(
        _("what is asked"), max_length=10, choices=Asks.choices, default=Asks.VIEW
    )
    place = models.TextField(_("where"))
    begins = models.DateTimeField(_("footage from"))
    ends = models.DateTimeField(_("footage until"))
    purpose = models.TextField(_("what it is for"), blank=True)
    asked = models.DateTimeField(default=timezone.now)
    due = models.DateTimeField(null=True, help_text="until when it must be answered; null: it is")
    language = models.CharField(max_length=8, default="ko")  # of the form that was sent
    secret = models.TextField(blank=True, help_text="hash; empty: entered by an officer")
    sheet = models.TextField(blank=True, help_text="the form that was sent; one makes one request")
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, default=Decision.OPEN
    )
    reason = models.TextField(_("reason"), blank=True)
    masked = models.BooleanField(_("others were masked"), default=False)
    decided = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    appeal = models.TextField(blank=True)
    appealed = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "number"], name="request_number"),
            models.UniqueConstraint(
                fields=["sheet"], condition=~Q(sheet=""), name="request_sheet_once"
            ),
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="request_ends_after"),
            models.CheckConstraint(
                condition=~Q(decision__in=["refused", "partly", "delayed"]) | ~Q(reason=""),
                name="request_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(decision="open", decided=None)
                | ~Q(decision="open") & Q(decided__isnull=False),
                name="request_decided",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["open", "delayed", "appealed"], due__isnull=False)
                | Q(decision__in=["given", "partly", "refused"], due=None),
                name="request_due_while_it_waits",
            ),
            models.CheckConstraint(
                condition=~Q(decision="appealed") | Q(appealed__isnull=False),
                name="request_appealed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["city", "-asked"], name="request_by_city"),
            models.Index(fields=["due"], name="request_due", condition=Q(due__isnull=False)),
        ]

    @property
    def waits(self) -> bool:
        """Whether somebody still has to answer."""
        return self.due is not None

    @property
    def late(self) -> bool:
        return self.due is not None and timezone.now() > self.due

    @property
    def days_left(self) -> int:
        """Whole days until the answer is due; negative when it is late."""
        return (self.due - timezone.now()).days if self.due else 0

    @property
    def may_be_appealed(self) -> bool:
        """Once, by whoever sent it themselves, while it is known who asked."""
        refused = self.decision in (self.Decision.REFUSED, self.Decision.PARTLY)
        return refused and self.appealed is None and self.secret != ""


class FootageAnswer(models.Model):
    """One answer to a request, as the person was told it; the database lets none be changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT)
    request = models.ForeignKey(FootageRequest, models.PROTECT, related_name="answers")
    decision = models.CharField(max_length=10, choices=FootageRequest.Decision.choices)
    reason = models.TextField(blank=True)
    masked = models.BooleanField(default=False)
    where = models.TextField(blank=True, help_text="where it can be seen")
    when = models.DateTimeField(
        null=True, help_text="when it can be seen; of a delay: until when it is answered"
    )
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="given") | ~Q(reason=""), name="answer_with_reason"
            ),
            models.CheckConstraint(
                condition=~Q(decision="delayed") | Q(when__isnull=False),
                name="answer_delayed_until",
            ),
        ]
        indexes = [models.Index(fields=["request", "at"], name="answers_of_request")]


class FootageLetter(models.Model):
    """What became of the letter that told an answer. Where it went is said by the request alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT)
    answer = models.OneToOneField(FootageAnswer, models.PROTECT, related_name="letter")
    sent = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(tries__gt=0, tried__isnull=False), name="footage_letter_was_tried"
            ),
        ]


class ProcessorContract(models.Model):
    """A contract that lets a firm handle footage or personal data, with its five items (시행령 §26②)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("firm"))
    scope = models.TextField(_("purpose and extent of the work"))
    subcontracting = models.TextField(_("limits on passing the work on"))
    access = models.TextField(_("limits on access and other safeguards"))
    inspection = models.TextField(_("how the handling is inspected"))
    liability = models.TextField(_("liability for breaking these duties"))
    begins = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    added_by = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="contract_ends_after"),
            models.CheckConstraint(
                condition=~Q(scope="")
                & ~Q(subcontracting="")
                & ~Q(access="")
                & ~Q(inspection="")
                & ~Q(liability=""),
                name="contract_has_five_items",
            ),
        ]
        indexes = [models.Index(fields=["city", "-ends"], name="contract_by_city")]

    @property
    def items(self) -> list[tuple[str, str]]:
        """The five items of the law, each with its name in the active language."""
        names = ("scope", "subcontracting", "access", "inspection", "liability")
        titles = {one.name: one.verbose_name for one in self._meta.fields}
        return [(str(titles[name]), getattr(self, name)) for name in names]

    @property
    def over(self) -> bool:
        return self.ends < timezone.localdate()


class MonthReview(models.Model):
    """A privacy officer looked through a month of the trail and wrote what they found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT)
    month = models.DateField(help_text="its first day")
    finding = models.TextField()
    figures = models.JSONField(help_text="what the report said then")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "month"], name="month_reviewed_once"),
            models.CheckConstraint(condition=~Q(finding=""), name="month_has_finding"),
        ]
