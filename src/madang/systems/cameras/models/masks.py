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

    points are its corners as fractions of the picture, x and y by turns, from its upper left corner.
    preset is the camera's preset at which it lies there; null: the camera is not turned.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="masks")
    preset = models.PositiveSmallIntegerField(_("Preset"), null=True, blank=True)
    name = models.CharField(_("What is hidden"), max_length=80)
    why = models.CharField(_("Why"), max_length=300)
    points = ArrayField(models.FloatField())
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
        ]
        indexes = [models.Index(fields=["camera", "ended"], name="masks_of_camera")]


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
