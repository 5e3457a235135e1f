"""Kinds of devices, the channels they measure on, and what can be true of them, from which day on."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.ids import new_id

KEY = RegexValidator(r"^[a-z][a-z0-9_]*$")


class NextNumber(models.Func):
    """The next number of a sequence, taken by the database as it inserts."""

    function = "nextval"
    template = "%(function)s('%(sequence)s')"
    allowed_default = True

    def __init__(self, sequence: str) -> None:
        super().__init__(output_field=models.IntegerField(), sequence=sequence)

    def deconstruct(self) -> tuple[str, tuple[str], dict[str, object]]:
        return f"{__name__}.{type(self).__name__}", (str(self.extra["sequence"]),), {}


class DeviceKind(models.Model):
    """A kind of device in a city: ambulance, bus, water level gauge, weather station."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    key = models.CharField(max_length=40, validators=[KEY])
    names = models.JSONField(default=dict, help_text="name by language code")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key"], name="sensing_kind_key"),
            models.UniqueConstraint(fields=["id", "city"], name="sensing_kind_city"),
        ]

    def __str__(self) -> str:
        return self.name("ko")

    def name(self, language: str) -> str:
        """The kind's name in language, else in the first it has one in, else its key."""
        names: dict[str, str] = self.names
        return names.get(language) or next(iter(names.values()), self.key)


class Channel(models.Model):
    """One thing that devices of a kind measure or count; number stands for it in the record.

    unit is a UCUM code ("m", "Cel", "1"), uncertainty the half width of the 95 % interval in it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=NextNumber("sensing_channel_number")
    )
    kind = models.ForeignKey(DeviceKind, models.PROTECT, related_name="channels")
    key = models.CharField(max_length=40, validators=[KEY])
    names = models.JSONField(default=dict, help_text="name by language code")
    unit = models.CharField(max_length=20)
    method = models.TextField(blank=True)
    uncertainty = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="sensing_channel_key"),
            models.CheckConstraint(
                condition=Q(uncertainty__isnull=True) | Q(uncertainty__gte=0),
                name="sensing_channel_uncertainty",
            ),
        ]

    def __str__(self) -> str:
        return self.name("ko")

    def name(self, language: str) -> str:
        """The channel's name in language, else in the first it has one in, else its key."""
        names: dict[str, str] = self.names
        return names.get(language) or next(iter(names.values()), self.key)


class KindLimits(models.Model):
    """What devices of a kind can do, from since on; the newest that has begun counts.

    most_per_minute is of messages. outside_metres is how far beyond the city's box the kind goes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.ForeignKey(DeviceKind, models.CASCADE, related_name="limits")
    since = models.DateTimeField(default=timezone.now)
    source = models.TextField(blank=True, help_text="where the figures come from")
    max_speed = models.FloatField(null=True, blank=True, help_text="m/s; empty: it stands still")
    outside_metres = models.FloatField(default=2000)
    silence_after = models.DurationField(null=True, blank=True, help_text="empty: it may be silent")
    oldest = models.DurationField(help_text="older facts than this are not taken")
    most_per_minute = models.IntegerField(default=600)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "since"], name="sensing_kind_limits_since"),
            models.CheckConstraint(
                condition=(Q(max_speed__isnull=True) | Q(max_speed__gt=0))
                & Q(outside_metres__gte=0)
                & Q(most_per_minute__gt=0),
                name="sensing_kind_limits_sane",
            ),
        ]


class ChannelLimits(models.Model):
    """What a channel can give, from since on: lower or higher values are not believed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="limits")
    since = models.DateTimeField(default=timezone.now)
    source = models.TextField(blank=True, help_text="where the figures come from")
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "since"], name="sensing_channel_limits_since"
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="sensing_channel_limits_order",
            ),
        ]
