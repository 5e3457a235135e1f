"""The rows of a list beyond one of them: the next page costs the same however far on it is.

An offset reads all rows before it. Here the row that was shown last is looked up by its primary key, so
no address carries what the list is sorted by: that may be somebody's name.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


def beyond(rows: QuerySet[Row], sort: str, down: bool, key: str) -> QuerySet[Row] | None:
    """rows that come after the row key when ordered by sort (then pk), falling if down; None where there
    is no such row (any more). PostgreSQL puts nulls last when rising and first when falling."""
    try:
        found = rows.filter(pk=key).values_list("pk", sort).first()
    except (ValidationError, ValueError):
        return None
    return None if found is None else rows.filter(_after(rows.model, sort, down, *found))


def _after(model: type[Model], sort: str, down: bool, key: Any, value: Any) -> Q:
    step = "lt" if down else "gt"
    same = Q(**{f"pk__{step}": key})
    if sort == "pk":
        return same
    if value is None:
        null = Q(**{f"{sort}__isnull": True})
        return (null & same) | ~null if down else null & same
    further = Q(**{f"{sort}__{step}": value}) | (Q(**{sort: value}) & same)
    if _may_be_null(model, sort):
        return further if down else further | Q(**{f"{sort}__isnull": True})
    # Said once more without "or": an index begins there.
    return Q(**{f"{sort}__{step}e": value}) & further


def _may_be_null(model: type[Model], path: str) -> bool:
    """Whether a path of fields can lead to nothing; yes for an annotation and for what points here."""
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if not field.concrete or field.null:
            return True
        if field.related_model:
            model = field.related_model
    return False
