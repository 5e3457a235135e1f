from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.ids import new_id


class Kept(models.Model):
    """Something a person keeps for themselves on a city's console."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.CASCADE, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    changed = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["city", "account", "name"], name="%(app_label)s_%(class)s_name"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="%(app_label)s_%(class)s_named"),
        ]


class SavedView(Kept):
    """A view of the city: camera, layers, filters, panes. state is what screens.read_view accepts."""

    state = models.JSONField()


class Bookmark(Kept):
    """A place to come back to: a point with a zoom, or a thing at it."""

    lon = models.FloatField()
    lat = models.FloatField()
    zoom = models.FloatField()
    thing_kind = models.CharField(max_length=40, blank=True)
    thing_id = models.CharField(max_length=100, blank=True)

    class Meta(Kept.Meta):
        abstract = False
        constraints = [
            *Kept.Meta.constraints,
            models.CheckConstraint(
                condition=Q(lon__range=(-180, 180), lat__range=(-90, 90), zoom__range=(0, 24)),
                name="console_bookmark_on_the_map",
            ),
            models.CheckConstraint(
                condition=Q(thing_kind="", thing_id="") | (~Q(thing_kind="") & ~Q(thing_id="")),
                name="console_bookmark_thing_whole",
            ),
        ]


class Board(models.Model):
    """A big wall of a city's control room, and the view that a desk pushed to it last.

    version grows with every push, so that walls know when to look again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.CASCADE, related_name="+")
    key = models.SlugField(max_length=40, default="wall")
    state = models.JSONField()
    title = models.CharField(max_length=100, blank=True)
    version = models.PositiveIntegerField(default=1)
    pushed = models.DateTimeField(default=timezone.now)
    pushed_by = models.UUIDField(null=True)
    pushed_by_name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key"], name="console_board_key"),
            models.CheckConstraint(condition=Q(version__gte=1), name="console_board_version"),
        ]
