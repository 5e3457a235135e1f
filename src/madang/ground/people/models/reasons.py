"""Why somebody looks: one key for the usual reasons, kept until they choose another or the shift ends."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models.accounts import Account


class ReasonKind(models.TextChoices):
    """The reasons of a control room, in the order of their keys 1 to 5."""

    PATROL = "patrol", _("Patrol")
    EVENT = "event", _("Checking an event")
    CALL = "call", _("Request of 112 or 119")
    CHECK = "check", _("Inspection")
    OTHER = "other", _("Other")


class ChosenReason(models.Model):
    """What one account looks at cameras for in one city, since it said so and for as long as that holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ReasonKind.choices)
    words = models.CharField(max_length=200, blank=True)
    incident = models.UUIDField(null=True)
    incident_words = models.CharField(max_length=200, blank=True)
    chosen = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "account"], name="reason_one_a_city"),
            models.CheckConstraint(
                condition=Q(kind__in=ReasonKind.values), name="reason_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="other") | ~Q(words="") | Q(incident__isnull=False),
                name="reason_other_in_words",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("chosen")), name="reason_until_after"),
        ]
