"""What a city holds: its data sets with their counts, its imports, its districts with figures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Count, QuerySet, Sum
from psycopg import sql

from madang.ground.city.models import City, DataSet, District, FromDataSet, Import, RoadLink


def tables() -> dict[str, type[FromDataSet]]:
    """Every table that is filled from data sets, of the city and of systems, by its label."""
    models = [model for model in apps.get_models() if issubclass(model, FromDataSet)]
    return {model._meta.label_lower: model for model in models}


@dataclass(frozen=True)
class Holding:
    """A data set with how many rows it has in which table, and the last import into it."""

    data_set: DataSet
    rows: dict[str, int]
    last: Import | None

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def holdings(city: City) -> list[Holding]:
    """The city's data sets, by name."""
    counts = row_counts(city)
    last = {
        brought.data_set_id: brought
        for brought in Import.objects.filter(
            city=city, state__in=[Import.State.APPLIED, Import.State.UNDONE]
        ).order_by("began")
    }
    return [
        Holding(data_set, counts.get(data_set.id, {}), last.get(data_set.id))
        for data_set in DataSet.objects.filter(city=city).order_by("key")
    ]


def row_counts(city: City) -> dict[UUID, dict[str, int]]:
    """Rows by data set and table; counted again when a data set's version says that they changed."""
    versions = DataSet.objects.filter(city=city).order_by("id").values_list("id", "version")
    return _row_counts(city.pk, tuple(versions))


@lru_cache(maxsize=64)
def _row_counts(city: UUID, versions: tuple[Any, ...]) -> dict[UUID, dict[str, int]]:
    found = tables()
    parts = [
        sql.SQL("SELECT {}, data_set_id, count(*) FROM {} WHERE city_id = {} GROUP BY 2").format(
            sql.Literal(label), sql.Identifier(model._meta.db_table), sql.Literal(city)
        )
        for label, model in found.items()
    ]
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        for label, data_set, count in cursor.fetchall():
            counts[data_set][label] = count
    return counts


def imports(city: City) -> QuerySet[Import]:
    """The city's imports, the latest first."""
    return Import.objects.filter(city=city).select_related("data_set").order_by("-began", "-id")


def rejections_by_reason(brought: Import) -> list[tuple[str, int]]:
    rows = brought.rejections.values_list("reason").annotate(count=Count("id"))
    return [(reason, count) for reason, count in rows.order_by("-count")]


@dataclass(frozen=True)
class DistrictFigures:
    """A district and what is known of who lives there; unknown is None."""

    district: District
    parent: District | None
    residents: int | None
    households: int | None
    as_of: date | None

    @property
    def area_km2(self) -> float:
        return self.district.area_m2 / 1e6

    @property
    def per_km2(self) -> float | None:
        return None if self.residents is None else self.residents / self.area_km2


def districts(city: City) -> list[DistrictFigures]:
    """Districts as a tree read line by line: each gu, then its dong; with the latest figures known.

    A gu without figures of its own has the sum of its dong's where all of them are of one day.
    """
    rows = list(District.objects.filter(city=city).defer("geometry").order_by("key"))
    figures = _latest_figures(city)
    by_key = {(row.data_set_id, row.key): row for row in rows}
    children: dict[UUID, list[District]] = defaultdict(list)
    for row in rows:
        if parent := by_key.get((row.data_set_id, row.parent_key or "")):
            children[parent.id].append(row)
    tops = [row for row in rows if (row.data_set_id, row.parent_key or "") not in by_key]
    found: list[DistrictFigures] = []
    for top in tops:
        _walk(top, None, children, figures, found)
    return found


def _walk(
    row: District,
    parent: District | None,
    children: dict[UUID, list[District]],
    figures: dict[UUID, tuple[Any, ...]],
    found: list[DistrictFigures],
) -> None:
    below = children.get(row.id, [])
    own = figures.get(row.id) or _summed([figures.get(child.id) for child in below])
    found.append(DistrictFigures(row, parent, *own))
    for child in below:
        _walk(child, row, children, figures, found)


def _summed(parts: list[tuple[Any, ...] | None]) -> tuple[Any, ...]:
    known = [part for part in parts if part]
    if not known or len(known) < len(parts) or len({part[2] for part in known}) > 1:
        return None, None, None
    columns = list(zip(*known, strict=True))[:2]
    residents, households = (None if None in column else sum(column) for column in columns)
    return residents, households, known[0][2]


def _latest_figures(city: City) -> dict[UUID, tuple[Any, ...]]:
    """Residents, households and their day by district: of the latest day; undated ones last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (district_id) district_id, residents, households, date"
            " FROM city_population WHERE city_id = %s"
            " ORDER BY district_id, date DESC NULLS LAST, key",
            [city.id],
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def residents(city: City) -> int | None:
    """All residents by the latest figures of the dong, or None where they are not known."""
    known = [f.residents for f in districts(city) if f.parent is None]
    return None if not known or None in known else sum(n for n in known if n is not None)


def road_length_km(city: City) -> float:
    """Length of all directed links."""
    total = RoadLink.objects.filter(city=city).aggregate(total=Sum("length_m"))["total"]
    return (total or 0.0) / 1000
