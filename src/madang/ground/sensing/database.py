"""The database as those reach it who go past the ORM: the recorder's COPY, the gate's listening."""

from __future__ import annotations

from django.db import connections
from psycopg.conninfo import make_conninfo

NOT_LIBPQ = {"cursor_factory", "context", "prepare_threshold", "pool", "server_side_binding"}


def dsn() -> str:
    """What libpq needs to reach the database that Django uses."""
    words = connections["default"].get_connection_params()
    return make_conninfo(**{name: value for name, value in words.items() if name not in NOT_LIBPQ})
