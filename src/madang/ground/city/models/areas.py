from __future__ import annotations

from django.db import models

from madang.ground.city.models.rows import FromDataSet, Outlined, box_index


class Shape(FromDataSet, Outlined):
    """What lies on the ground of the map: a building, a park, water, a hill, a railway.

    kind is a key of kinds.SHAPES. area_m2 is 0 for a line (a stream, a rail). The details of a
    building may have height_m (a number, metres) and levels.
    """

    kind = models.CharField(max_length=20)
    name = models.TextField(blank=True)
    area_m2 = models.FloatField()
    details = models.JSONField(default=dict)

    class Meta(FromDataSet.Meta):
        abstract = False
        indexes = [
            box_index("city_shape_box"),
            models.Index(fields=["city", "kind"], name="city_shape_kind"),
        ]
