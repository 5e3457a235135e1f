from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.ids import new_id

LAYOUTS = ("1", "4", "9", "16", "25", "36", "64", "1+5", "1+7")
LONGEST_DWELL = 600


class WallView(models.Model):
    """What a person shows on a wall again: a layout with its cameras, or a patrol through more of them.

    cameras are ids of cameras in the order of the tiles, null where a tile is empty. dwell is how many
    seconds a patrol stays at one page of its layout; null is no patrol.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.CASCADE, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    layout = models.CharField(max_length=4)
    cameras = models.JSONField(default=list)
    dwell = models.PositiveSmallIntegerField(null=True)
    changed = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "account", "name"], name="camera_wall_name"),
            models.CheckConstraint(condition=~Q(name=""), name="camera_wall_named"),
            models.CheckConstraint(condition=Q(layout__in=LAYOUTS), name="camera_wall_layout"),
            models.CheckConstraint(
                condition=Q(dwell=None) | Q(dwell__range=(3, LONGEST_DWELL)),
                name="camera_wall_dwell",
            ),
        ]
