"""What all processes remember together for minutes: how often somebody tried to sign in."""

from __future__ import annotations

import base64
import pickle
import random
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection

SWEEP_ONE_IN = 200  # writes; what is over is swept then
FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)

SET = """
INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s)
ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires
"""
ADD = SET + " WHERE {table}.expires < now()"
TOUCH = "UPDATE {table} SET expires = %s WHERE cache_key = %s AND expires >= now()"


class SharedCache(DatabaseCache):
    """Django's cache in the database with one statement for a write.

    Django's own counts all rows, reads the row and then writes it, for each write; signing in writes ten
    times. One statement is also what makes `add` a lock that two processes cannot both take.
    """

    _table: str

    def _base_set(
        self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT
    ) -> bool:
        expires = self._until(timeout)
        with connection.cursor() as cursor:
            if mode == "touch":
                cursor.execute(TOUCH.format(table=self._table), [expires, key])
            else:
                words = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode()
                statement = SET if mode == "set" else ADD
                cursor.execute(statement.format(table=self._table), [key, words, expires])
            done: bool = cursor.rowcount == 1
            self._sweep(cursor)
        return done

    def _until(self, timeout: float | None) -> datetime:
        moment = self.get_backend_timeout(timeout)
        return FOR_EVER if moment is None else datetime.fromtimestamp(moment, UTC)

    def _sweep(self, cursor: Any) -> None:
        if random.randrange(SWEEP_ONE_IN) == 0:
            cursor.execute(f"DELETE FROM {self._table} WHERE expires < now()")  # noqa: S608  (ours)
