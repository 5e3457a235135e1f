"""What stations measured, as a data set has it: hours of weather, hours or months of air quality."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import FromDataSet


class Span(models.TextChoices):
    """What one value stands for: the hour at which it was stamped, or the mean of a month."""

    HOUR = "hour", _("hour")
    MONTH = "month", _("month")


class Station(FromDataSet):
    """A station of a data set; where it stands, where the source says so. device has its hours."""

    kind = models.CharField(max_length=40, help_text="key of a kind of device")
    name = models.TextField()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("measuring station")
        verbose_name_plural = _("measuring stations")


class Observation(FromDataSet):
    """What a station measured from begins on, by channel; what it did not measure is left out."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="observations")
    begins = models.DateTimeField()
    span = models.CharField(max_length=8, choices=Span.choices)
    measured = models.JSONField(help_text="numbers by the channel's key, in the channel's unit")

    class Meta(FromDataSet.Meta):
        abstract = False
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints = [
            *FromDataSet.Meta.constraints,
            models.CheckConstraint(condition=~Q(measured={}), name="sensing_observation_measured"),
        ]
        indexes = [
            models.Index(fields=["station", "begins"], name="sensing_observation_of"),
        ]
