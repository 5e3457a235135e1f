"""Devices, how they are, and the tracks of theirs that must be kept whole."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.sensing.models.kinds import DeviceKind, NextNumber
from madang.ground.sensing.wire import DEVICE_KEY


class Device(models.Model):
    """A thing in the street that speaks.

    number stands for it on the log and in the record. lon, lat (degrees) and x, y (metres in the
    city's CRS) are where it stands, all four or none. A device without a credential cannot connect; one
    with a gateway is spoken for by it. simulated is carried to every row it gives.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=NextNumber("sensing_device_number")
    )
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    kind = models.ForeignKey(DeviceKind, models.PROTECT, related_name="devices")
    key = models.CharField(max_length=64, validators=[RegexValidator(f"^{DEVICE_KEY.pattern}$")])
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True, help_text="who owns it")
    external_key = models.CharField(max_length=200, blank=True, help_text="its name at its owner's")
    place = models.CharField(max_length=200, blank=True, help_text="where, in words")
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)
    simulated = models.BooleanField(default=False)
    gateway = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="speaks_for"
    )
    credential_hash = models.BinaryField(null=True, editable=False)
    credential_since = models.DateTimeField(null=True, editable=False)
    withdrawn = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key"], name="sensing_device_key"),
            models.UniqueConstraint(fields=["id", "city"], name="sensing_device_city"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True, x__isnull=True, y__isnull=True)
                | Q(lon__isnull=False, lat__isnull=False, x__isnull=False, y__isnull=False),
                name="sensing_device_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(gateway__isnull=True) | ~Q(gateway=F("id")),
                name="sensing_device_not_its_own_gateway",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn__isnull=True) | Q(credential_hash__isnull=True),
                name="sensing_device_withdrawn_has_no_credential",
            ),
        ]
        indexes = [models.Index(fields=["city", "kind", "key"], name="sensing_device_by_kind")]

    def __str__(self) -> str:
        return self.name or self.key


class Health(models.Model):
    """How a device is, as the recorder last heard it. spoke is by its clock, heard by ours."""

    device = models.OneToOneField(
        Device,
        models.CASCADE,
        to_field="number",
        primary_key=True,
        related_name="health",
        db_column="device",
    )
    heard = models.DateTimeField()
    spoke = models.DateTimeField()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    located = models.DateTimeField(null=True)
    battery = models.FloatField(null=True)
    battery_at = models.DateTimeField(null=True)
    facts = models.BigIntegerField(default=0)


class TrackHold(models.Model):
    """A piece of a device's track that thinning must leave whole: a mission, an accident."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, related_name="track_holds")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(begins__lt=F("ends")), name="sensing_hold_order"),
            models.UniqueConstraint(
                fields=["device", "begins", "reason"], name="sensing_hold_once"
            ),
        ]
