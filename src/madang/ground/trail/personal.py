"""The personal parts of the trail, which the database shows only to who says whose they open.

Row-level security on trail_personal: without opened() a query of the application's role finds no row,
whatever it selects; with it, only those of one city, or about one account. What is not destroyed but not
opened either looks as if it were not there, so whoever shows personal parts opens them first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction

SETTING = "madang.personal"
ALL = "all"  # the whole installation's: its check, its export, the end of what is of no city
Part = TypeVar("Part")


@contextmanager
def opened(whose: UUID | None) -> Iterator[None]:
    """Open the personal parts of a city or about an account (None: all), inside a transaction."""
    with transaction.atomic():
        before = _say(ALL if whose is None else str(whose))
        yield  # an error rolls back, and with it what was said
        _say(before)


def while_opened(whose: UUID | None, parts: Iterable[Part]) -> Iterator[Part]:
    """parts, taken while they are open: for what is streamed."""
    with opened(whose):
        yield from parts


def _say(word: str) -> str:
    """Say whose; what was said before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)",
            [SETTING, SETTING, word],
        )
        row = cursor.fetchone()
    return str(row[0])
