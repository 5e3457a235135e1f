from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people import roles
from madang.ground.people.models.accounts import Account


class OrganisationKind(models.TextChoices):
    CITY = "city", _("City")
    DEPARTMENT = "department", _("City department")
    POLICE = "police", _("Police")
    FIRE = "fire", _("Fire service")
    INSTITUTION = "institution", _("Public institution")
    CONTRACTOR = "contractor", _("Contractor")
    PUBLIC = "public", _("Citizens")


class Organisation(models.Model):
    """A body people belong to; they form a tree within their city (a trigger forbids rings)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="organisations")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    key = models.SlugField(max_length=60)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    names = models.JSONField(default=dict, help_text="name by language code")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key"], name="organisation_key_in_city"),
            models.UniqueConstraint(fields=["city", "id"], name="organisation_in_city"),
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")), name="organisation_not_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name(get_language() or "ko")

    def name(self, language: str) -> str:
        """Its name in language, else in the first language it has one in, else its key."""
        names: dict[str, str] = self.names
        return names.get(language) or next(iter(names.values()), self.key)


class Membership(models.Model):
    """A role somebody holds in an organisation from a moment, until another or until further notice.

    It is ended, not deleted: what somebody was allowed last year must stay answerable.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=40)
    begins = models.DateTimeField(_("from"), default=timezone.now)
    ends = models.DateTimeField(_("until"), null=True, blank=True)
    given_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="memberships_given"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("begins")),
                name="membership_ends_after_begin",
            ),
            models.UniqueConstraint(
                fields=["account", "organisation", "role"],
                condition=Q(ends=None),
                name="membership_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["city", "role", "account"], name="membership_by_role"),
            models.Index(fields=["organisation", "account"], name="membership_by_organisation"),
            models.Index(fields=["city", "ends", "id"], name="membership_by_end"),
        ]

    @property
    def role_title(self) -> str:
        """The role's name in the active language; its key if nobody defines it any more."""
        role = roles.find(self.role)
        return str(role.title) if role else self.role

    @property
    def city_name(self) -> str:
        return self.city.name(get_language() or "ko")

    @property
    def state(self) -> str:
        """now, later or over."""
        now = timezone.now()
        if self.begins > now:
            return "later"
        return "now" if self.ends is None or self.ends > now else "over"
