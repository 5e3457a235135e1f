from __future__ import annotations

from django.db import models

from madang.ground.city.models.rows import FromDataSet, Located, Outlined, box_index
from madang.ground.city.spelling import named


class District(FromDataSet, Located, Outlined):
    """A part of the city: a gu, or a dong within it; x/y is a point inside it.

    key is the official code (법정동코드 or 행정동코드); parent_key the key of the district it is part of,
    in the same data set.
    """

    level = models.CharField(max_length=20, help_text="gu, dong, or the city's own word")
    parent_key = models.TextField(null=True)  # noqa: DJ001 - null keeps the foreign key quiet
    names = models.JSONField(help_text="name by language code")
    area_m2 = models.FloatField()

    class Meta(FromDataSet.Meta):
        abstract = False
        indexes = [box_index("city_district_box")]

    def __str__(self) -> str:
        return self.name("ko")

    def name(self, language: str) -> str:
        """The name that the data give in language, else the Korean one as language spells it."""
        return named(self.names, language, self.key)


class Population(FromDataSet):
    """Residents and households of a district on a day; a date or number not known is null."""

    district = models.ForeignKey(District, models.PROTECT, related_name="populations")
    date = models.DateField(null=True)
    residents = models.PositiveIntegerField(null=True)
    households = models.PositiveIntegerField(null=True)

    class Meta(FromDataSet.Meta):
        abstract = False
