"""What every row that comes from a data set has, and the two ways a row lies on the map."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func

from madang.ground.city.models.city import City
from madang.ground.city.models.data_sets import DataSet, Import
from madang.ground.ids import new_id


class FromDataSet(models.Model):
    """A row of a data set. key is the source's own stable name for it: the same key again updates.

    by_hand names the fields that somebody of the city records and no source has: an import fills them
    with their defaults in new rows, and neither compares nor changes them in those that are there.
    """

    by_hand: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    data_set = models.ForeignKey(DataSet, models.PROTECT, related_name="+", db_index=False)
    key = models.TextField()
    made_by = models.ForeignKey(
        Import, models.PROTECT, related_name="+", help_text="the import that first brought it"
    )
    touched_by = models.ForeignKey(
        Import, models.PROTECT, related_name="+", help_text="the import that last changed it"
    )

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["data_set", "key"], name="%(app_label)s_%(class)s_key")
        ]


class Located(models.Model):
    """A point: lon/lat in degrees (WGS84), x/y in metres east and north in the city's CRS."""

    lon = models.FloatField()
    lat = models.FloatField()
    x = models.FloatField()
    y = models.FloatField()

    class Meta:
        abstract = True


class Outlined(models.Model):
    """A line or polygon: WKB in lon/lat degrees, and its bounding box in degrees."""

    geometry = models.BinaryField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()

    class Meta:
        abstract = True


class MaybeOutlined(models.Model):
    """A thing whose ground is known or not: all five are there, or none."""

    geometry = models.BinaryField(null=True)
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)

    class Meta:
        abstract = True


def point_index(name: str) -> GistIndex:
    """The index behind nearest and within: PostgreSQL's own GiST on point(x, y)."""
    return GistIndex(_call("point", "x", "y"), name=name)


def box_index(name: str) -> GistIndex:
    """The index behind "what lies in this window": GiST on the bounding box in degrees."""
    corners = (_call("point", "west", "south"), _call("point", "east", "north"))
    return GistIndex(_call("box", *corners), name=name)


def _call(function: str, *arguments: Any) -> Func:
    fields = [F(a) if isinstance(a, str) else a for a in arguments]
    return Func(*fields, function=function, output_field=models.TextField())
