"""Undoing a whole import: its new rows go, its changed rows are as they were before it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from psycopg import sql

from madang.ground.city.domain.cities import refresh_extent
from madang.ground.city.domain.data_sets import renew
from madang.ground.city.domain.following import tell
from madang.ground.city.domain.landing import only_import
from madang.ground.city.domain.staging import told_fields
from madang.ground.city.models import DataSet, FromDataSet, Import, PreviousRow
from madang.ground.city.queries.summaries import tables
from madang.ground.city.reasons import Refused
from madang.ground.city.titles import table as table_title
from madang.ground.trail.public import Act, Actor, record

SHOWN = 5


def undo(brought: Import, actor: Actor, reason: str = "") -> None:
    """Take the import back; Refused where it is not in force, or later things stand on its rows."""
    with only_import(brought.city):
        brought.refresh_from_db()
        if brought.state != Import.State.APPLIED:
            raise Refused("not-applied")
        models = _tables(brought)
        _refuse_later_imports(brought, models)
        try:
            with transaction.atomic():
                _take_back(brought, models, actor, reason)
        except IntegrityError as error:
            raise _stood_on(brought, models, error) from error


def _tables(brought: Import) -> list[type[FromDataSet]]:
    known = tables()
    return [known[label] for label in reversed(brought.tables)]


def _take_back(brought: Import, models: list[type[FromDataSet]], actor: Actor, reason: str) -> None:
    for model in models:
        _restore(model, brought)
        _delete(model, brought)
    PreviousRow.objects.filter(of=brought).delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    if brought.data_set:
        tell(brought.data_set, models)
    brought.state = Import.State.UNDONE
    brought.undone = Now()
    brought.save(update_fields=["state", "undone"])
    data_set = brought.data_set
    if data_set:
        _restore_words(data_set, brought)
    refresh_extent(brought.city)
    detail = {"file": brought.file, "new": brought.new, "changed": brought.changed}
    thing = ("import", str(brought.id))
    act = Act("city.import.undone", brought.city_id, thing, reason=reason, detail=detail)
    record(actor, act)


def _delete(model: type[FromDataSet], brought: Import) -> None:
    """Its new rows go in one statement; Django would first fetch them to see what stands on them."""
    table = sql.Identifier(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {} WHERE made_by_id = %s").format(table), [brought.id])


def _restore(model: type[FromDataSet], brought: Import) -> None:
    names = [field.column for field in told_fields(model)] + ["touched_by_id"]
    columns = [sql.Identifier(str(name)) for name in names]
    statement = sql.SQL(
        "UPDATE {table} t SET ({columns}) = ROW({old}) FROM city_previousrow p,"
        " LATERAL jsonb_populate_record(NULL::{table}, p.content) o"
        " WHERE p.of_id = %s AND p.{label} = %s AND t.id = p.row"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(columns),
        old=sql.SQL(", ").join(sql.SQL("o.{}").format(column) for column in columns),
        label=sql.Identifier("table"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [brought.id, model._meta.db_table])


def _restore_words(data_set: DataSet, brought: Import) -> None:
    """The data set's own words as before; a data set that this import made and emptied goes."""
    if brought.before is not None:
        DataSet.objects.filter(id=data_set.id).update(**brought.before)
        renew(data_set)
    elif not Import.objects.filter(data_set=data_set, state=Import.State.APPLIED).exists():
        Import.objects.filter(data_set=data_set).update(data_set=None)
        data_set.delete()
        brought.data_set = None


def _refuse_later_imports(brought: Import, models: list[type[FromDataSet]]) -> None:
    for model in models:
        later = _touched_later(model, brought)
        if later:
            ids = {of for _, of in later}
            files = Import.objects.filter(id__in=ids).values_list("file", flat=True)
            keys = ", ".join(key for key, _ in later[:SHOWN])
            raise Refused("later", files=", ".join(sorted(files)), count=len(later), keys=keys)


def _touched_later(model: type[FromDataSet], brought: Import) -> list[tuple[str, Any]]:
    statement = sql.SQL(
        "SELECT key, touched_by_id FROM {table} t WHERE t.touched_by_id <> %s"
        " AND (t.made_by_id = %s OR EXISTS (SELECT FROM city_previousrow p"
        " WHERE p.of_id = %s AND p.{label} = %s AND p.row = t.id)) ORDER BY key"
    ).format(table=sql.Identifier(model._meta.db_table), label=sql.Identifier("table"))
    with connection.cursor() as cursor:
        cursor.execute(statement, [brought.id] * 3 + [model._meta.db_table])
        found: list[tuple[str, Any]] = cursor.fetchall()
    return found


def _stood_on(brought: Import, models: list[type[FromDataSet]], error: IntegrityError) -> Refused:
    """Whose rows stand on those of brought, and what to do about it."""
    table = getattr(getattr(error.__cause__, "diag", None), "table_name", "")
    user = next((each for each in apps.get_models() if each._meta.db_table == table), None)
    if user is None:
        return Refused("in-use", detail=table or str(error))
    named = str(table_title(user._meta.label_lower))
    for field in user._meta.concrete_fields:
        if issubclass(user, FromDataSet) and field.related_model in models:
            rows = user._default_manager.filter(**{f"{field.name}__made_by": brought})
            makers = rows.exclude(made_by=brought).values("made_by")
            files = Import.objects.filter(id__in=makers).order_by("-began")
            if words := ", ".join(files.values_list("file", flat=True)[:SHOWN]):
                return Refused("stood-on", what=named, count=makers.count(), files=words)
    return Refused("in-use", detail=named)
