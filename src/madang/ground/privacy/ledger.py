"""The ledger of requests for footage, which the database shows for one city at a time and only if opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

SETTING = "madang.ledger"


@contextmanager
def opened(city: UUID) -> Iterator[None]:
    """Open the ledger of city, inside a transaction; without this its table looks empty."""
    with transaction.atomic():
        before = _say(str(city))
        yield  # an error rolls back, and with it what was said
        _say(before)


def _say(word: str) -> str:
    """Say which city; what was said before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)",
            [SETTING, SETTING, word],
        )
        row = cursor.fetchone()
    return str(row[0])
