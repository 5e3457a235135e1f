from __future__ import annotations

from django.db import models
from django.db.models import Q

from madang.ground.city.models.rows import (
    FromDataSet,
    Located,
    Outlined,
    box_index,
    point_index,
)


class Rank(models.TextChoices):
    """What a road is, in the words of 표준노드링크's ROAD_RANK, with the finer streets it leaves out."""

    MOTORWAY = "motorway"  # 101 고속국도
    EXPRESSWAY = "expressway"  # 102 도시고속국도
    NATIONAL = "national"  # 103 일반국도
    METROPOLITAN = "metropolitan"  # 104 특별·광역시도
    PROVINCIAL = "provincial"  # 105 국가지원지방도, 106 지방도
    CITY = "city"  # 107 시·군도
    RAMP = "ramp"  # 108 연결로
    LOCAL = "local"  # 이면도로
    SERVICE = "service"  # 단지 안 길


class Structure(models.TextChoices):
    """What carries a road over or under something."""

    GROUND = "ground"
    BRIDGE = "bridge"
    OVERPASS = "overpass"
    UNDERPASS = "underpass"
    TUNNEL = "tunnel"


class RoadNode(FromDataSet, Located):
    """Where links meet or end. key is NODE_ID or OpenStreetMap's node id."""

    kind = models.CharField(max_length=20, default="crossing")
    name = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta(FromDataSet.Meta):
        abstract = False
        indexes = [point_index("city_roadnode_point")]


class RoadLink(FromDataSet, Outlined):
    """One direction of a road between two nodes, drawn in the direction of travel.

    from_node and to_node are keys of RoadNode in the same data set; the source may name nodes that
    it does not carry. Lanes and speed (km/h) not known are null.
    """

    from_node = models.TextField()
    to_node = models.TextField()
    rank = models.CharField(max_length=12, choices=Rank.choices)
    structure = models.CharField(max_length=10, choices=Structure.choices, default=Structure.GROUND)
    lanes = models.PositiveSmallIntegerField(null=True)
    speed_kmh = models.PositiveSmallIntegerField(null=True)
    name = models.TextField(blank=True)
    length_m = models.FloatField()
    details = models.JSONField(default=dict)

    class Meta(FromDataSet.Meta):
        abstract = False
        constraints = [
            *FromDataSet.Meta.constraints,
            models.CheckConstraint(
                condition=Q(speed_kmh__isnull=True) | Q(speed_kmh__gt=0, speed_kmh__lte=130),
                name="city_roadlink_speed",
            ),
            models.CheckConstraint(
                condition=Q(lanes__isnull=True) | Q(lanes__gt=0, lanes__lte=20),
                name="city_roadlink_lanes",
            ),
        ]
        indexes = [
            box_index("city_roadlink_box"),
            models.Index(fields=["data_set", "from_node"], name="city_roadlink_from"),
            models.Index(fields=["city", "name"], name="city_roadlink_name"),
        ]
