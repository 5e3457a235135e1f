"""Data sets: made when the first rows of a source come, renewed when more of them do."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from madang.ground.city.models import City, DataSet
from madang.ground.city.records import Source
from madang.ground.trail.public import Act, Actor, record


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
    """The city's data set of this source; the day is the file's, words that a person corrected stay."""
    words = {
        "source": source.source,
        "licence": source.licence,
        "attribution": source.attribution,
    }
    made = {**words, "names": source.names, "simulated": source.simulated, "as_of": source.as_of}
    data_set, is_new = DataSet.objects.get_or_create(city=city, key=source.key, defaults=made)
    if not is_new:
        data_set.as_of = source.as_of or data_set.as_of
        data_set.simulated = source.simulated
        for name, said in words.items():
            setattr(data_set, name, getattr(data_set, name) or said)
        data_set.save(update_fields=["as_of", "simulated", *words])
    return data_set


def renew(data_set: DataSet) -> None:
    """Say that its rows are not what they were: whatever was computed from them is old."""
    DataSet.objects.filter(id=data_set.id).update(version=F("version") + 1, changed=Now())


@transaction.atomic
def change_words(data_set: DataSet, changed: dict[str, Any], actor: Actor) -> None:
    """What a person knows better of a data set than its file did; the trail keeps what it said before."""
    before = {name: str(getattr(data_set, name) or "") for name in changed}
    DataSet.objects.filter(id=data_set.id).update(**changed)
    renew(data_set)
    after = {name: str(value or "") for name, value in changed.items()}
    thing, detail = ("data_set", str(data_set.id)), {"before": before, "after": after}
    record(actor, Act("city.data_set_changed", data_set.city_id, thing, detail=detail))
