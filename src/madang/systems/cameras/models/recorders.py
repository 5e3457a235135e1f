"""ONVIF devices of a city: cameras and recorders as they were asked, and which of their channels is which
camera of the register."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account
from madang.systems.cameras.models.devices import Camera, Codec, known


class DeviceState(models.TextChoices):
    """What came of asking a device last."""

    ASKING = "asking", _("Being asked")
    OK = "ok", pgettext_lazy("device", "Answers")
    REFUSED = "refused", _("Refuses user or password")
    FAILED = "failed", _("Does not answer as it should")


class OnvifDevice(models.Model):
    """One ONVIF device: a camera, or a recorder (NVR, VMS) with many channels.

    What it says of itself is kept as it says it, and is empty until it answered. It is known again by its
    endpoint reference (WS-Discovery), else by maker and serial number, wherever it is reached. skew: seconds
    by which its clock is ahead of ours. The password is sealed (domain/sealing.py).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    name = models.CharField(_("Name"), max_length=100, blank=True)
    address = models.CharField(_("ONVIF address"), max_length=500)
    user = models.CharField(_("User"), max_length=100, blank=True)
    sealed = models.BinaryField(default=bytes)
    state = models.CharField(
        max_length=8, choices=DeviceState.choices, default=DeviceState.ASKING, editable=False
    )
    error = models.CharField(max_length=300, blank=True)
    asked = models.DateTimeField(default=timezone.now)
    contact = models.DateTimeField(null=True, help_text="when it last answered")
    maker = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=100, blank=True)
    firmware = models.CharField(max_length=100, blank=True)
    serial = models.CharField(max_length=100, blank=True)
    mac = models.CharField(max_length=17, blank=True)
    endpoint = models.CharField(max_length=100, blank=True)
    skew = models.FloatField(null=True)
    searches = models.BooleanField(default=False, help_text="its recordings can be looked into")
    replays = models.BooleanField(default=False, help_text="its recordings can be played")
    made = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "address"], name="onvif_device_address"),
            models.UniqueConstraint(
                fields=["city", "endpoint"],
                condition=~Q(endpoint=""),
                name="onvif_device_endpoint",
            ),
            known("state", DeviceState.values, "onvif_device_state_known"),
            models.CheckConstraint(condition=~Q(address=""), name="onvif_device_addressed"),
        ]

    def __str__(self) -> str:
        return self.name or " ".join(one for one in (self.maker, self.model) if one) or self.address


class OnvifChannel(models.Model):
    """One video source of a device. camera: which of the register it is, once somebody said so.

    A channel that the device does not name any more is gone since then; it stays, with its camera.
    recording and replay_address: what the device itself keeps of it, where it lets that be played.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    device = models.ForeignKey(OnvifDevice, models.CASCADE, related_name="channels")
    token = models.CharField(max_length=100)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100, blank=True)
    main_profile = models.CharField(max_length=100)
    sub_profile = models.CharField(max_length=100, blank=True)
    main_address = models.CharField(max_length=500)
    sub_address = models.CharField(max_length=500, blank=True)
    codec = models.CharField(max_length=8, choices=Codec.choices, blank=True)
    sub_codec = models.CharField(max_length=8, choices=Codec.choices, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    fps = models.FloatField(null=True)
    turns = models.BooleanField(default=False)
    recording = models.CharField(max_length=100, blank=True)
    replay_address = models.CharField(max_length=500, blank=True)
    camera = models.OneToOneField(Camera, models.PROTECT, null=True, related_name="channel")
    taken = models.DateTimeField(null=True, help_text="when it became that camera")
    gone = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "token"], name="onvif_channel_token"),
            known("codec", Codec.values, "onvif_channel_codec_known"),
            known("sub_codec", Codec.values, "onvif_channel_sub_codec_known"),
            models.CheckConstraint(
                condition=Q(camera=None, taken=None) | ~Q(camera=None) & ~Q(taken=None),
                name="onvif_channel_taken_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.token


class OnvifHeld(models.Model):
    """What a device says that it holds of a channel without a hole, by our clock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.ForeignKey(OnvifChannel, models.CASCADE, related_name="held")
    begins = models.DateTimeField()
    ends = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="onvif_held_ends_after")
        ]
        indexes = [models.Index(fields=["channel", "begins"], name="onvif_held_of_channel")]
