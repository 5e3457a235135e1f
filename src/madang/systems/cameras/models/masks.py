"""What of a camera's picture is hidden, and when somebody's screens show nothing that tells who is seen."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account
from madang.systems.cameras.models.devices import Camera


class MaskZone(models.Model):
    """A part of a camera's picture that only few may see, from begins until ended. Never changed, only ended.

    points are its corners as fractions of the picture, x and y by turns, from its upper left corner. pan,
    tilt and zoom say where the head stood when it was drawn (ONVIF's generic space), preset what the camera
    calls that place; null: of a camera that turns its whole picture is hidden. clear: a footage officer
    says that at this place there is nothing to hide; it has no corners then.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="masks")
    preset = models.CharField(_("Preset"), max_length=100, blank=True)
    pan = models.FloatField(null=True, editable=False)
    tilt = models.FloatField(null=True, editable=False)
    zoom = models.FloatField(null=True, editable=False)
    name = models.CharField(_("What is hidden"), max_length=80)
    why = models.CharField(_("Why"), max_length=300)
    points = ArrayField(models.FloatField())
    clear = models.BooleanField(default=False)
    begins = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(why=""), name="mask_named_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(ended__gte=F("begins")) & ~Q(ended_why=""),
                name="mask_ends_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(pan=None, tilt=None, zoom=None)
                | Q(pan__range=(-1, 1), tilt__range=(-1, 1), zoom__range=(0, 1)),
                name="mask_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(clear=False, points__len__gte=6)
                | Q(clear=True, points=[], pan__isnull=False, by__isnull=False),
                name="mask_hides_or_is_clear",
            ),
        ]
        indexes = [models.Index(fields=["camera", "ended"], name="masks_of_camera")]


class Stand(models.Model):
    """From begins until ends a camera's head stood still, and where, as it said itself. Between two stands
    nobody knows where it looked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="stands")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    pan = models.FloatField()
    tilt = models.FloatField()
    zoom = models.FloatField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("begins")), name="stand_ends_after")
        ]
        indexes = [models.Index(fields=["camera", "begins"], name="stands_of_camera")]


class VisitorsMode(models.Model):
    """While it lasts somebody's screens show every picture coarse: guests stand before them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    begins = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "account"], condition=Q(ended=None), name="visitors_mode_once"
            ),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(ended__gte=F("begins")), name="visitors_mode_ends"
            ),
        ]
