"""What devices said and was not believed: how often, and the newest of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.sensing.models.devices import Device


class Quarantine(models.Model):
    """How many facts of a device were not believed on a day of its city, for one reason.

    device is empty where nobody of that key is known; key is the name it went by.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    device = models.ForeignKey(
        Device,
        models.CASCADE,
        to_field="number",
        null=True,
        related_name="quarantine",
        db_column="device",
    )
    key = models.CharField(max_length=64)
    day = models.DateField()
    what = models.CharField(max_length=20)
    reason = models.CharField(max_length=20)
    facts = models.BigIntegerField()
    last = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "key", "day", "what", "reason"], name="sensing_quarantine_once"
            ),
            models.CheckConstraint(condition=Q(facts__gt=0), name="sensing_quarantine_some"),
        ]
        indexes = [models.Index(fields=["city", "day"], name="sensing_quarantine_day")]


class QuarantineSample(models.Model):
    """The beginning of a message that was not believed; the newest few of each reason stay."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    what = models.CharField(max_length=20)
    reason = models.CharField(max_length=20)
    time = models.DateTimeField()
    text = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["city", "key", "reason", "-time"], name="sensing_sample_newest")
        ]
