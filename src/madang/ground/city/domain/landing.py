"""Bringing rows into the city: staged, compared, and applied in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import reduce

from django.db import connection, transaction
from django.db.models.functions import Now

from madang.ground.city.domain import data_sets
from madang.ground.city.domain.cities import refresh_extent
from madang.ground.city.domain.following import tell
from madang.ground.city.domain.measuring import measure
from madang.ground.city.domain.staging import Counts, Model, Staging, staging
from madang.ground.city.models import City, DataSet, Import
from madang.ground.city.records import Record, Source, batches
from madang.ground.trail.public import Act, Actor, record

Totals = dict[Model, Counts]


class RepeatedKeyError(ValueError):
    """Rows given to `write` carry one key twice."""


def write(
    city: City, source: Source, records: Iterable[Record], actor: Actor, *, file: str = ""
) -> Import:
    """Bring records into the city's data set `source`, all of them or none; the bulk door of programs.

    A key that is there already is updated. RepeatedKeyError where records name a key twice; whatever
    records raises while it is read goes through, and nothing has happened.
    """
    with only_import(city), transaction.atomic(), staging(city) as stage:
        for batch in batches(records):
            measure(batch, city.crs)
            stage.add(batch)
        if many := stage.drop_repeated():
            first = next(stage.repeated()).key
            raise RepeatedKeyError(f"{many} repeated keys, the first: {first}")
        brought = Import.objects.create(
            city=city, file=file, recogniser=source.key, progress=1, **_actor(actor)
        )
        land(stage, brought, source, actor)
    return brought


def land(stage: Staging, brought: Import, source: Source, actor: Actor) -> Totals:
    """Apply what is staged and write the counts into brought. Call in a transaction."""
    brought.before = data_sets.words(data_sets.find(stage.city, source))
    data_set = data_sets.find_or_make(stage.city, source)
    totals = stage.compare(data_set)
    stage.apply(data_set, brought)
    counts = total(totals)
    if counts.new or counts.changed or counts.derived:
        data_sets.renew(data_set)
        refresh_extent(stage.city)
        tell(data_set, totals)
    put_counts(brought, totals)
    brought.data_set = data_set
    brought.state = Import.State.APPLIED
    brought.ended = Now()
    brought.save()
    brought.refresh_from_db()
    record(actor, _act(brought, data_set))
    return totals


def put_counts(brought: Import, totals: Totals) -> None:
    """Write counts of staged rows into brought, beside the rows rejected so far."""
    counts = total(totals)
    brought.new, brought.changed, brought.same = counts.new, counts.changed, counts.same
    brought.derived = counts.derived
    brought.read = counts.all + brought.rejected
    brought.tables = {
        model._meta.label_lower: [part.new, part.changed, part.same]
        for model, part in totals.items()
    }


def total(totals: Totals) -> Counts:
    return reduce(lambda one, other: one + other, totals.values(), Counts())


@contextmanager
def only_import(city: City) -> Iterator[None]:
    """Let one import at a time into a city; the next one waits here for its turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock_name(city)])
    try:
        yield
    finally:
        _unlock(city)


@contextmanager
def try_import(city: City) -> Iterator[bool]:
    """Whether nobody else brings something into the city now; if so, nobody can until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [lock_name(city)])
        free = bool(cursor.fetchone()[0])
    try:
        yield free
    finally:
        if free:
            _unlock(city)


def lock_name(city: City) -> str:
    return f"madang import {city.id}"


def _unlock(city: City) -> None:
    if connection.connection is None or connection.connection.closed:
        return  # the lock went with the connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [lock_name(city)])


def _actor(actor: Actor) -> dict[str, object]:
    return {"actor": actor.account, "actor_name": actor.name}


def _act(brought: Import, data_set: DataSet) -> Act:
    names = ("file", "read", "new", "changed", "same", "rejected", "derived")
    return Act(
        "city.import.applied",
        city=brought.city_id,
        thing=("import", str(brought.id)),
        detail={"data_set": data_set.key, **{name: getattr(brought, name) for name in names}},
    )
