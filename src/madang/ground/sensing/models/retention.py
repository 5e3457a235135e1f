"""How long the record keeps what: rules of the installation, above the cities, as disks are."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Retention(models.Model):
    """The rule of one kind of telemetry: whichever limit is reached first, the oldest day goes.

    Positions older than thin_after_days keep one fact of a device in thin_seconds, and every fact of
    held tracks. Readings are summed up hour by hour before they go.
    """

    kind = models.CharField(max_length=20, primary_key=True)
    days = models.IntegerField()
    gigabytes = models.FloatField()
    thin_after_days = models.IntegerField(null=True, blank=True)
    thin_seconds = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=1)
                & Q(gigabytes__gt=0)
                & (Q(thin_seconds__isnull=True) | Q(thin_seconds__gte=1))
                & (Q(thin_after_days__isnull=True) | Q(thin_after_days__range=(1, F("days")))),
                name="sensing_retention_sane",
            )
        ]
