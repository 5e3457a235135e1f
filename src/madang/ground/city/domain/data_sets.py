"""Data sets: made when the first rows of a source come, renewed when more of them do."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Now

from madang.ground.city.models import City, DataSet
from madang.ground.city.records import Source


def find(city: City, source: Source) -> DataSet | None:
    return DataSet.objects.filter(city=city, key=source.key).first()


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
