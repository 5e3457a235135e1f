from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.notify import kinds
from madang.ground.people.models import Account


class Notice(models.Model):
    """Something one person is told, on their pages and, where it says so, by letter."""

    class Letter(models.TextChoices):
        NONE = "none"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT)
    account = models.ForeignKey(Account, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=40)
    once = models.CharField(
        max_length=80, help_text="what is told: the same again tells nothing new"
    )
    detail = models.JSONField(default=dict, help_text="the names in the kind's sentence")
    path = models.CharField(max_length=300, help_text="the page to look at")
    made = models.DateTimeField(default=timezone.now)
    read = models.DateTimeField(null=True)
    letter = models.CharField(max_length=6, choices=Letter.choices, default=Letter.NONE)
    tries = models.PositiveSmallIntegerField(default=0)
    tried = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "once"], name="notice_once"),
            models.CheckConstraint(
                condition=Q(letter="none", tries=0) | Q(tries__gt=0, tried__isnull=False),
                name="notice_letter_was_tried",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "city", "-made"], name="notice_by_account"),
            models.Index(
                fields=["account", "city"], condition=Q(read=None), name="notice_not_read"
            ),
        ]

    @property
    def words(self) -> str:
        """The sentence, in the active language."""
        names: dict[str, object] = self.detail
        return str(kinds.find(self.kind).words) % names

    @property
    def icon(self) -> str:
        return kinds.find(self.kind).icon
