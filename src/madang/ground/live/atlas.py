"""The cities as live knows them: their ids, and the planes on which their things lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from madang.ground.city.models import City
from madang.ground.live.plane import Plane, plane_of


@dataclass(frozen=True)
class Chart:
    """One city's id and plane."""

    id: UUID
    plane: Plane


class Atlas:
    """The cities that have an extent, by key; filled anew by take."""

    def __init__(self) -> None:
        self._charts: dict[str, Chart] = {}

    def take(self, charts: dict[str, Chart]) -> list[str]:
        """Take in the cities there are now; the keys of those whose plane is another than before."""
        moved = [
            key
            for key, chart in self._charts.items()
            if key in charts and charts[key].plane != chart.plane
        ]
        self._charts = charts
        return moved

    def chart(self, key: str) -> Chart | None:
        return self._charts.get(key)

    def city(self, key: str) -> dict[str, Any] | None:
        """What a screen must know to draw the city's things; None when there is no such city."""
        chart = self._charts.get(key)
        return None if chart is None else chart.plane.said()

    @property
    def keys(self) -> list[str]:
        return list(self._charts)


def read_charts() -> dict[str, Chart]:
    """The cities from the database."""
    found = {city.key: (city.pk, plane_of(city)) for city in City.objects.all()}
    return {key: Chart(pk, plane) for key, (pk, plane) in found.items() if plane is not None}
