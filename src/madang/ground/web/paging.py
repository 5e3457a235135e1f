"""Pages of a list in the API: a limit and a cursor, which stays true while rows come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import ValidationError as Invalid
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from ninja import Query, Schema
from ninja.errors import ValidationError
from pydantic import Field

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


class Paging(Schema):
    """What the caller asks: how many, and after which."""

    limit: int = Field(100, ge=1, le=1000, description="rows of a page")
    cursor: str = Field("", max_length=500, description="next of the page before; empty: the first")


PageQuery = Annotated[Paging, Query()]


class Page(Schema, Generic[Item]):
    """One page of a list. next is the cursor of the page after it, or null when this is the last."""

    items: list[Item]
    next: str | None = None


def page(
    rows: QuerySet[Row],
    paging: Paging,
    shape: Callable[[Row], Item],
    order: tuple[str, ...] = ("pk",),
) -> Page[Item]:
    """The rows after the cursor, in order (field names, "-" for descending, the last one unique)."""
    if paging.cursor:
        rows = _rest(rows, paging.cursor, order)
    found = list(rows.order_by(*order)[: paging.limit + 1])
    more = len(found) > paging.limit
    kept = found[: paging.limit]
    return Page(items=[shape(row) for row in kept], next=_cursor(kept[-1], order) if more else None)


def _cursor(row: Model, order: tuple[str, ...]) -> str:
    values = [_plain(getattr(row, name.lstrip("-"))) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str) or value is None else str(value)


def _rest(rows: QuerySet[Row], cursor: str, order: tuple[str, ...]) -> QuerySet[Row]:
    """The rows after cursor; anything that is no cursor of this list is refused."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(order):
            raise ValueError("another number of values")
        return rows.filter(_after(order, values))
    except (binascii.Error, ValueError, TypeError, Invalid):
        where = {"loc": ("query", "cursor"), "type": "cursor"}
        said = {**where, "msg": _("This is no cursor of this list.")}
        raise ValidationError([said]) from None


def _after(order: tuple[str, ...], values: list[Any]) -> Q:
    """Rows that come after values: greater in the first field, or equal there and after in the rest."""
    name, value = order[0].lstrip("-"), values[0]
    beyond = Q(**{f"{name}__{'lt' if order[0].startswith('-') else 'gt'}": value})
    if len(order) == 1:
        return beyond
    return beyond | (Q(**{name: value}) & _after(order[1:], values[1:]))
