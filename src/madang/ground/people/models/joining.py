"""How people come and when they work: invitations and duty shifts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people import roles
from madang.ground.people.models.accounts import Account
from madang.ground.people.models.organisations import Membership, Organisation


class Invitation(models.Model):
    """Somebody may make an account with this address and gets this role; it works once.

    Only the hash of the word in its letter is kept, so that nobody who reads the table can use it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("role"), max_length=40)
    role_ends = models.DateTimeField(null=True, blank=True)
    word_hash = models.BinaryField(unique=True)
    invited_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invited")
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
    used_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used=None, used_by=None)
                | Q(used__isnull=False, used_by__isnull=False, withdrawn=None),
                name="invitation_used_once",
            ),
        ]
        indexes = [models.Index(fields=["city", "-created"], name="invitation_by_city")]

    @property
    def role_title(self) -> str:
        role = roles.find(self.role)
        return str(role.title) if role else self.role

    @property
    def state(self) -> str:
        """used, withdrawn, expired or open."""
        if self.used:
            return "used"
        if self.withdrawn:
            return "withdrawn"
        return "expired" if self.expires <= timezone.now() else "open"


class DutyShift(models.Model):
    """When a member is on duty, as planned; one person is not on two shifts of a role at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="shifts")
    begins = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("until"))
    note = models.CharField(max_length=200, blank=True)
    cancelled = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="shift_ends_after"),
        ]
        indexes = [
            models.Index(fields=["city", "begins"], name="shift_by_city"),
            models.Index(fields=["membership", "begins"], name="shift_by_membership"),
        ]
