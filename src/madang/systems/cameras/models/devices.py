"""The cameras on a site's pole, their life, who was heard before they came, what is wrong with them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account, Organisation
from madang.systems.cameras.models.sites import Site


class Kind(models.TextChoices):
    FIXED = "fixed", pgettext_lazy("camera", "Fixed")
    TURNING = "turning", pgettext_lazy("camera", "Turning")
    UNKNOWN = "", pgettext_lazy("camera", "Unknown")


class Codec(models.TextChoices):
    H264 = "h264", "H.264"
    H265 = "hevc", "H.265"
    UNKNOWN = "", pgettext_lazy("camera", "Unknown")


class Transport(models.TextChoices):
    TCP = "tcp", "TCP"
    UDP = "udp", "UDP"


class LifeState(models.TextChoices):
    """Where a camera stands in its life; which step follows which is in domain/life.py."""

    PLANNED = "planned", pgettext_lazy("camera", "Planned")
    INSTALLED = "installed", pgettext_lazy("camera", "Installed")
    REPAIR = "repair", pgettext_lazy("camera", "In repair")
    REMOVED = "removed", pgettext_lazy("camera", "Removed")


def known(field: str, values: list[Any], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


def within(field: str, least: float, most: float, name: str) -> models.CheckConstraint:
    """Unknown, or from least to most."""
    inside = Q(**{f"{field}__gte": least, f"{field}__lte": most})
    return models.CheckConstraint(condition=Q(**{field: None}) | inside, name=name)


class Camera(models.Model):
    """One camera of a site. Whatever nobody has recorded is unknown: null, or empty.

    bearing is where the middle of its picture looks, in degrees from north; angle is how wide it sees,
    in degrees; range is how far anything can be made out, in metres. Of a turning camera these are its
    home position. The password is sealed (domain/sealing.py).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="devices")
    number = models.PositiveSmallIntegerField(_("Number on its pole"))
    key = models.CharField(_("Management number"), max_length=80)
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices, blank=True, default="")
    codec = models.CharField(
        _("Codec"), max_length=8, choices=Codec.choices, blank=True, default=""
    )
    width = models.PositiveIntegerField(_("Pixels across"), null=True, blank=True)
    height = models.PositiveIntegerField(_("Pixels down"), null=True, blank=True)
    bearing = models.FloatField(_("Bearing (° from north)"), null=True, blank=True)
    angle = models.FloatField(_("Angle of view (°)"), null=True, blank=True)
    range = models.FloatField(_("Range (m)"), null=True, blank=True)
    kept_days = models.PositiveSmallIntegerField(
        _("Days kept"),
        null=True,
        blank=True,
        help_text=_("Empty: as the register says of its site."),
    )
    records = models.BooleanField(
        _("Recorded here"),
        default=False,
        help_text=_("Leave it off where a VMS or NVR of the city records it already."),
    )
    contractor = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Contractor"),
    )
    contractor_phone = models.CharField(_("Contractor's telephone"), max_length=40, blank=True)
    main_address = models.CharField(
        _("Address of the main stream"),
        max_length=500,
        blank=True,
        help_text=_("rtsp://… without name and password"),
    )
    sub_address = models.CharField(_("Address of the sub stream"), max_length=500, blank=True)
    transport = models.CharField(
        _("Transport"), max_length=4, choices=Transport.choices, default=Transport.TCP
    )
    user = models.CharField(_("User at the camera"), max_length=100, blank=True)
    sealed = models.BinaryField(default=bytes)
    state = models.CharField(
        max_length=10, choices=LifeState.choices, default=LifeState.PLANNED, editable=False
    )
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key"], name="camera_key"),
            models.UniqueConstraint(fields=["site", "number"], name="camera_number"),
            known("kind", Kind.values, "camera_kind_known"),
            known("codec", Codec.values, "camera_codec_known"),
            known("transport", Transport.values, "camera_transport_known"),
            known("state", LifeState.values, "camera_state_known"),
            within("bearing", 0, 360, "camera_bearing_degrees"),
            within("angle", 1, 360, "camera_angle_degrees"),
            within("range", 1, 20000, "camera_range_metres"),
        ]
        indexes = [models.Index(fields=["city", "state"], name="camera_by_state")]

    def __str__(self) -> str:
        return self.key

    @property
    def simulated(self) -> bool:
        return self.site.data_set.simulated


class Step(models.Model):
    """A step in a camera's life: what it became, when, by whom and why. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=LifeState.choices)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    words = models.TextField(blank=True)

    class Meta:
        constraints = [known("state", LifeState.values, "camera_step_state_known")]
        indexes = [models.Index(fields=["camera", "-at"], name="camera_steps")]


class Way(models.TextChoices):
    NOTICE = "notice", _("Notice of administration")
    BRIEFING = "briefing", _("Briefing of residents")
    SURVEY = "survey", _("Survey of residents")
    POLL = "poll", _("Opinion poll")


class Consultation(models.Model):
    """Whoever lives there and who knows of it was heard before cameras came (법 §25③, 영 §23)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="consultations")
    way = models.CharField(_("How they were heard"), max_length=10, choices=Way.choices)
    begins = models.DateField(_("From"))
    ends = models.DateField(_("Until"))
    opinions = models.PositiveIntegerField(_("Opinions received"))
    result = models.TextField(_("What came of it"))
    document = models.CharField(_("Document number"), max_length=100, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        constraints = [
            known("way", Way.values, "consultation_way_known"),
            models.CheckConstraint(
                condition=Q(ends__gte=F("begins")), name="consultation_ends_after"
            ),
            models.CheckConstraint(condition=~Q(result=""), name="consultation_has_result"),
        ]


class Wrong(models.TextChoices):
    NO_PICTURE = "no-picture", _("No picture")
    BLURRED = "blurred", _("Blurred or dirty")
    TURNED = "turned", _("Looks elsewhere")
    NIGHT = "night", _("Nothing seen at night")
    HOUSING = "housing", _("Housing or pole damaged")
    OTHER = "other", pgettext_lazy("fault of a camera", "Something else")


class Fault(models.Model):
    """Something is wrong with a camera, from when somebody saw it until it is mended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="faults")
    what = models.CharField(_("What is wrong"), max_length=12, choices=Wrong.choices)
    words = models.CharField(_("In words"), max_length=300, blank=True)
    began = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended = models.DateTimeField(null=True)
    mended = models.CharField(_("What was done"), max_length=300, blank=True)

    class Meta:
        constraints = [
            known("what", Wrong.values, "camera_fault_known"),
            models.UniqueConstraint(
                fields=["camera", "what"], condition=Q(ended=None), name="camera_fault_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(ended__gte=F("began")), name="camera_fault_ends_after"
            ),
        ]
        indexes = [
            models.Index(fields=["city"], condition=Q(ended=None), name="camera_faults_open")
        ]


class Recording(models.TextChoices):
    """How the recording of a camera goes."""

    OFF = "", pgettext_lazy("recording", "Not recorded")
    ON = "on", pgettext_lazy("recording", "Recording")
    WAITING = "waiting", _("Waiting for the camera")
    FULL = "full", _("Not recording: the disk is full")


class Health(models.Model):
    """How a camera's stream was when the intake last pulled it: measured, written every few seconds."""

    camera = models.OneToOneField(Camera, models.CASCADE, primary_key=True, related_name="health")
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="when this was written")
    pulled = models.BooleanField(help_text="whether the intake holds its stream")
    packet = models.DateTimeField(null=True, help_text="when its last packet came")
    fps = models.FloatField(null=True)
    bits = models.FloatField(null=True, help_text="bits a second")
    codec = models.CharField(max_length=8, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    errors = models.PositiveIntegerField(
        default=0, help_text="lost connections since it was first pulled"
    )
    error = models.CharField(max_length=300, blank=True)
    recording = models.CharField(
        max_length=8, choices=Recording.choices, blank=True, default=Recording.OFF
    )
