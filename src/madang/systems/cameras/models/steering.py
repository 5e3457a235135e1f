"""Turning cameras: how each is spoken to, within which angles, whose hand is on it and whose goes first."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people.models import Account
from madang.systems.cameras.models.devices import Camera, known

USUAL_RANKS = {
    "emergency": 90,
    "shift_leader": 50,
    "dispatcher": 40,
    "seconded_fire": 40,
    "seconded_police": 40,
    "operator": 30,
    "footage_officer": 20,
}
HOME_AFTER, IDLE_AFTER = 5, 120  # minutes; seconds
HIGHEST_RANK = 99


def edge(least: float) -> Any:
    limits = [MinValueValidator(least), MaxValueValidator(1.0)]
    return models.FloatField(null=True, blank=True, validators=limits)


def ordered(low: str, high: str, name: str) -> models.CheckConstraint:
    """Both unknown, or low below high and both within what ONVIF's generic space has."""
    both = Q(**{f"{low}__gte": -1, f"{high}__lte": 1, f"{low}__lt": F(high)})
    return models.CheckConstraint(condition=Q(**{low: None, high: None}) | both, name=name)


class Onvif(models.Model):
    """How a camera is spoken to by ONVIF: the address of its device service and its profiles there.

    User and password are the camera's own. Edges are in ONVIF's generic space (pan and tilt from -1 to 1,
    zoom from 0 to 1): outside of them it is not steered. None: no edge was recorded.
    """

    camera = models.OneToOneField(Camera, models.CASCADE, primary_key=True, related_name="onvif")
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    address = models.CharField(_("ONVIF address"), max_length=500)
    profile = models.CharField(max_length=100)
    turns = models.BooleanField(default=False)
    pan_from = edge(-1.0)
    pan_to = edge(-1.0)
    tilt_from = edge(-1.0)
    tilt_to = edge(-1.0)
    zoom_to = edge(0.0)
    bounded = models.DateTimeField(null=True)
    bounded_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            ordered("pan_from", "pan_to", "camera_pan_edges"),
            ordered("tilt_from", "tilt_to", "camera_tilt_edges"),
            models.CheckConstraint(
                condition=Q(zoom_to=None) | Q(zoom_to__gte=0, zoom_to__lte=1),
                name="camera_zoom_edge",
            ),
            models.CheckConstraint(
                condition=~Q(address="") & ~Q(profile=""), name="camera_onvif_addressed"
            ),
        ]


class SteeringRules(models.Model):
    """Who goes before whom in a city, and when a camera that was let go returns home.

    ranks: by role, and for whoever has emergency access; a higher one takes a camera from a lower one.
    """

    city = models.OneToOneField(City, models.CASCADE, primary_key=True, related_name="+")
    ranks = models.JSONField(default=dict)
    home_after = models.PositiveSmallIntegerField(default=HOME_AFTER, help_text="minutes")
    idle_after = models.PositiveSmallIntegerField(default=IDLE_AFTER, help_text="seconds")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(home_after__range=(1, 240), idle_after__range=(15, 3600)),
                name="steering_rules_in_reason",
            )
        ]

    def rank(self, role: str) -> int:
        return int({**USUAL_RANKS, **self.ranks}.get(role, 0))


class LetGo(models.TextChoices):
    """Why a session of steering ended."""

    OPEN = "", _("Still going on")
    RELEASED = "released", _("Let go")
    TAKEN = "taken", _("Taken over")
    IDLE = "idle", _("Nothing was steered for a while")
    LOST = "lost", _("The page was closed or lost")
    RIGHT = "right", _("The right ended")


class SteeringSession(models.Model):
    """One hand on one camera, from taking it to letting it go; its entry in the trail comes at its end.

    seen is when its page was last there, moved when it last steered. Reason and address are taken away
    once the trail has them. returned: when the camera was sent home afterwards.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, models.PROTECT, related_name="steered")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    organisation = models.UUIDField(null=True)
    address = models.CharField(max_length=60, blank=True)
    right = models.CharField(max_length=80)
    rank = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=20)
    words = models.CharField(max_length=420, blank=True)
    incident = models.UUIDField(null=True)
    began = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(default=timezone.now)
    moved = models.DateTimeField(default=timezone.now)
    presets = ArrayField(models.CharField(max_length=100), default=list)
    ended = models.DateTimeField(null=True)
    why = models.CharField(max_length=10, choices=LetGo.choices, blank=True, default=LetGo.OPEN)
    returned = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(ended=None), name="camera_one_hand"
            ),
            known("why", LetGo.values, "steering_end_known"),
            models.CheckConstraint(
                condition=Q(ended=None, why="") | Q(ended__gte=F("began")) & ~Q(why=""),
                name="steering_ended_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ended"], condition=Q(returned=None), name="steering_not_returned"
            ),
            models.Index(fields=["camera", "-began"], name="steering_of_camera"),
        ]
