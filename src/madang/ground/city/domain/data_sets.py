"""Data sets: made when the first rows of a source come, renewed when more of them do."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from madang.ground.city.models import City, DataSet
from madang.ground.city.records import Source


def find(city: City, source: Source) -> DataSet | None:
    return DataSet.objects.filter(city=city, key=source.key).first()


def words(data_set: DataSet | None) -> dict[str, Any] | None:
    """What the data set says of itself, to be put back when an import is undone."""
    if data_set is None:
        return None
    kept = ("source", "licence", "attribution", "simulated")
    as_of = data_set.as_of.isoformat() if data_set.as_of else None
    return {**{name: getattr(data_set, name) for name in kept}, "as_of": as_of}


def find_or_make(city: City, source: Source) -> DataSet:
    """The city's data set of this source, with what the source says of itself now."""
    data_set, _ = DataSet.objects.update_or_create(
        city=city,
        key=source.key,
        defaults={
            "source": source.source,
            "licence": source.licence,
            "attribution": source.attribution,
            "simulated": source.simulated,
            **({"as_of": source.as_of} if source.as_of else {}),
        },
        create_defaults={
            "names": source.names,
            "source": source.source,
            "licence": source.licence,
            "attribution": source.attribution,
            "simulated": source.simulated,
            "as_of": source.as_of,
        },
    )
    return data_set


def renew(data_set: DataSet) -> None:
    """Say that its rows are not what they were: whatever was computed from them is old."""
    DataSet.objects.filter(id=data_set.id).update(version=F("version") + 1, changed=Now())
