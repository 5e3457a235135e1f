from __future__ import annotations

from django.db import models

from madang.ground.city.models.rows import FromDataSet, Located, MaybeOutlined, point_index


class Place(FromDataSet, Located, MaybeOutlined):
    """Something one goes to or calls by name: a school, a hospital, a bus stop, a shelter, a bell.

    kind is a key of kinds.PLACES. geometry is the ground it covers where that is known, else null;
    details are the source's own columns, under their own names.
    """

    kind = models.CharField(max_length=30)
    name = models.TextField(blank=True)
    address = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta(FromDataSet.Meta):
        abstract = False
        indexes = [
            point_index("city_place_point"),
            models.Index(fields=["city", "kind"], name="city_place_kind"),
        ]
