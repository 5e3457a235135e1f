"""What was recorded of a camera, what of it is kept longer, and what was destroyed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account
from madang.systems.cameras.models.devices import Camera, known


class Gap(models.TextChoices):
    """Why nothing was recorded before a segment; NONE: it goes on from the one before."""

    NONE = "", pgettext_lazy("gap", "None")
    BEGAN = "began", _("Recording began")
    CAMERA = "camera", _("The camera was lost")
    STALLED = "stalled", _("The camera sent nothing")
    CHANGED = "changed", _("The camera was connected anew")
    DISK = "disk", _("The disk was full")


class Segment(models.Model):
    """A closed file of a camera's packets: MP4 in fragments, its first picture a key frame.

    A row is there only while its file can be played: it is written after the file was closed, and marked
    gone before the file is removed. path is below the folder of footage. key_ms and key_bytes say of each
    key frame when it is shown (milliseconds from begins) and where it lies in the file; what lies before
    the first is the initialisation segment. origin: the recorder of the city that it was fetched from, and
    when; "" where it was recorded here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="segments")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    bytes = models.PositiveBigIntegerField()
    frames = models.PositiveIntegerField()
    path = models.CharField(max_length=200, unique=True)
    mime = models.CharField(max_length=80)
    key_ms = ArrayField(models.IntegerField())
    key_bytes = ArrayField(models.BigIntegerField())
    gap = models.CharField(max_length=8, choices=Gap.choices, blank=True, default=Gap.NONE)
    gap_words = models.CharField(max_length=200, blank=True)
    salvaged = models.BooleanField(
        default=False, help_text="left behind by a process that was killed"
    )
    gone = models.DateTimeField(null=True, help_text="its file is being removed")
    origin = models.CharField(max_length=300, blank=True, default="")
    fetched = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="segment_ends_after"),
            models.CheckConstraint(
                condition=Q(origin="", fetched=None) | ~Q(origin="") & ~Q(fetched=None),
                name="segment_fetched_from",
            ),
            models.CheckConstraint(
                condition=Q(bytes__gt=0, frames__gt=0, key_ms__len__gt=0), name="segment_plays"
            ),
            known("gap", Gap.values, "segment_gap_known"),
        ]
        indexes = [
            models.Index(fields=["camera", "begins"], name="segment_of_camera"),
            models.Index(fields=["begins"], name="segment_oldest"),
            models.Index(fields=["gone"], condition=~Q(gone=None), name="segment_going"),
        ]


class FootageLock(models.Model):
    """What of a camera's footage is kept beyond its term, why and until when; released, never deleted.

    request: the request for footage (ground/privacy) that it is kept for; by is nobody then. tried: when a
    recorder was last asked for what it holds of the span, and why not all of that came.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="locks")
    begins = models.DateTimeField(_("From"))
    ends = models.DateTimeField(_("Until"))
    why = models.CharField(_("Why"), max_length=300)
    until = models.DateTimeField(_("Kept until"))
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    released = models.DateTimeField(null=True)
    released_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    request = models.UUIDField(null=True, editable=False)
    tried = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "request"],
                condition=Q(released=None),
                name="footage_lock_once_a_request",
            ),
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="footage_lock_ends"),
            models.CheckConstraint(condition=~Q(why=""), name="footage_lock_has_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="footage_lock_until"),
        ]
        indexes = [models.Index(fields=["camera", "begins"], name="footage_lock_of_camera")]


class Bookmark(models.Model):
    """A moment of a camera's footage that a person named for themselves."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="bookmarks")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    name = models.CharField(max_length=100)
    note = models.CharField(max_length=1000, blank=True)
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="bookmark_named")]
        indexes = [models.Index(fields=["camera", "account", "at"], name="bookmark_of_camera")]


class Ended(models.TextChoices):
    """Why footage was destroyed."""

    TERM = "term", _("Its term was over")
    ROOM = "room", _("There was no room for newer footage")
    LOST = "lost", _("Its file was gone or cannot be played")


class Destruction(models.Model):
    """The record of destruction (파기): what of a camera was destroyed at one time. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="destructions")
    why = models.CharField(max_length=8, choices=Ended.choices)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    segments = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [known("why", Ended.values, "destruction_why_known")]
        indexes = [models.Index(fields=["camera", "-at"], name="destruction_of_camera")]
