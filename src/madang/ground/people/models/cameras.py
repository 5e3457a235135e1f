"""Whose eyes may use which cameras: three fields kept apart, scopes of members, grants to agencies.

Why a camera may exist (the law's basis), what it was installed for (the register's purpose) and what
it is used for in the centre (the control domain) are three questions with three answers: a camera
against illegal parking does not watch for crime at night only because an operator would like it to.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.city.queries.whereabouts import districts_of
from madang.ground.ids import new_id
from madang.ground.people.grant_sources import purposes
from madang.ground.people.models.accounts import Account
from madang.ground.people.models.organisations import Membership, Organisation


class LawBasis(models.TextChoices):
    """개인정보 보호법 §25①: the closed list of what a fixed camera in public may be for."""

    LAW = "law", _("Allowed by a law")
    CRIME = "crime", _("Prevention and investigation of crime")
    FACILITY = "facility", _("Safety and care of facilities, fire prevention")
    ENFORCEMENT = "enforcement", _("Traffic enforcement")
    TRAFFIC = "traffic", _("Collecting traffic information")
    STATISTICS = "statistics", _("Statistics without recording")


class ControlDomain(models.TextChoices):
    """The nine domains of integrated control (통합관제)."""

    ROAD_CRIME = "road-crime", _("Road crime")
    TRAFFIC = "traffic", _("Traffic")
    DISASTER = "disaster", _("Disaster")
    SCHOOL_ZONE = "school-zone", _("School zone")
    NEIGHBOURHOOD = "neighbourhood", _("Neighbourhood crime")
    PARKING = "parking", _("Illegal parking")
    PARK = "park", _("Park safety")
    WILDFIRE = "wildfire", _("Wildfire watch")
    UNDERPASS = "underpass", _("Underpasses")


class CameraAct(models.TextChoices):
    """Four acts, four rights (열람·조작·재생·반출)."""

    VIEW = "view", pgettext_lazy("camera", "View live")
    STEER = "steer", pgettext_lazy("camera", "Steer")
    PLAY = "play", pgettext_lazy("camera", "Play back")
    EXPORT = "export", pgettext_lazy("camera", "Export")


def words(help_text: str = "") -> ArrayField[list[str], list[str]]:
    return ArrayField(models.TextField(), default=list, blank=True, help_text=help_text)


def acts_known(name: str) -> models.CheckConstraint:
    known = Q(acts__contained_by=CameraAct.values) & Q(acts__len__gt=0)
    return models.CheckConstraint(condition=known, name=name)


class CameraScope(models.Model):
    """What a member of a role that works with cameras may do with which: without one, nothing.

    Empty purposes, domains or districts mean all; hours are of the city's clock, over midnight where
    they begin after they end.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="scopes")
    acts = words()
    purposes = words(help_text="installation purposes of the register of cameras")
    domains = words(help_text="control domains")
    districts = words(help_text="keys of districts")
    hours_from = models.TimeField(null=True, blank=True)
    hours_until = models.TimeField(null=True, blank=True)
    begins = models.DateTimeField(default=timezone.now)
    ends = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            acts_known("camera_scope_acts_known"),
            models.CheckConstraint(
                condition=Q(domains__contained_by=ControlDomain.values),
                name="camera_scope_domains_known",
            ),
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("begins")), name="camera_scope_ends_after"
            ),
            models.CheckConstraint(
                condition=Q(hours_from=None, hours_until=None)
                | Q(hours_from__isnull=False, hours_until__isnull=False),
                name="camera_scope_hours_both",
            ),
        ]
        indexes = [models.Index(fields=["membership"], name="camera_scope_membership")]

    @property
    def acts_words(self) -> str:
        """What may be done, in the active language."""
        return ", ".join(str(CameraAct(one).label) for one in self.acts)

    @property
    def which_words(self) -> str:
        """Which cameras, in the active language."""
        domains = [str(ControlDomain(one).label) for one in self.domains]
        titles = dict(purposes())
        installed = [str(titles.get(one, one)) for one in self.purposes]
        limits = [
            ", ".join(words) for words in (domains, installed, self._district_names()) if words
        ]
        return " · ".join(limits) or str(_("all cameras"))

    def _district_names(self) -> list[str]:
        if not self.districts:
            return []
        language = get_language() or "ko"
        names = {one.key: one.name(language) for one in districts_of(self.city).rows}
        return [names.get(one, one) for one in self.districts]


class Grant(models.Model):
    """Another agency may use these cameras for one incident until this minute; revoked at once.

    For one officer if account is named, else for every seconded officer of the organisation.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="grants")
    incident = models.UUIDField()
    incident_words = models.CharField(max_length=200, help_text="its number and title then")
    cameras = ArrayField(models.UUIDField())
    acts = words()
    reason = models.TextField()
    begins = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    given_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    revoked = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            acts_known("grant_acts_known"),
            models.CheckConstraint(condition=Q(until__gt=F("begins")), name="grant_until_after"),
            models.CheckConstraint(condition=Q(cameras__len__gt=0), name="grant_has_cameras"),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_reason"),
        ]
        indexes = [
            models.Index(fields=["city", "-until"], name="grant_by_city"),
            models.Index(fields=["organisation", "until"], name="grant_by_organisation"),
        ]

    @property
    def acts_words(self) -> str:
        """What may be done, in the active language."""
        return ", ".join(str(CameraAct(one).label) for one in self.acts)

    @property
    def state(self) -> str:
        """revoked, over, later or now."""
        now = timezone.now()
        if self.revoked is not None:
            return "revoked"
        if self.until <= now:
            return "over"
        return "later" if self.begins > now else "now"


class BreakGlass(models.Model):
    """Somebody opened cameras beyond their rights, because a life could not wait for a grant.

    It ends by itself, and stays open until a privacy officer wrote what they found.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="glasses")
    reason = models.TextField()
    begins = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    reviewed = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    finding = models.TextField(blank=True)
    justified = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("begins")), name="glass_until_after"),
            models.CheckConstraint(condition=~Q(reason=""), name="glass_has_reason"),
            models.CheckConstraint(
                condition=Q(reviewed=None, justified=None)
                | Q(reviewed__isnull=False, justified__isnull=False) & ~Q(finding=""),
                name="glass_reviewed_with_finding",
            ),
        ]
        indexes = [models.Index(fields=["city", "-begins"], name="glass_by_city")]
