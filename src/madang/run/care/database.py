"""The database in a backup: PostgreSQL's own dump, and the number of rows of each table to compare with."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from madang.run import engines
from madang.run.databases import client_environment
from madang.run.refusal import Refusal

# What a newer pg_dump sets and an older server does not know; each only relaxes a limit of the session.
SETTINGS_OF_NEWER_SERVERS = ("transaction_timeout",)
LINES_OF_HEAD = 60

Counts = dict[str, int]


class DatabaseCareError(Refusal):
    """The database could not be saved or brought back; the message says why."""


def save(url: str, target: Path) -> Counts:
    """Dump the database at url (its owner's) into the file target, and count its rows.

    Both see the same instant, whatever is written meanwhile.
    """
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        _dump(url, row[0], target)
        return _counts(connection)


def load(url: str, source: Path) -> Counts:
    """Bring the dump back into the empty database at url, whole or not at all; return its rows."""
    with psycopg.connect(url) as connection:
        if there := _tables(connection):
            raise DatabaseCareError(
                f"The database is not empty: it has {len(there)} tables, the first is {there[0]}. "
                "Bring the backup back into a new home folder, or into an empty database."
            )
    _pour(url, source)
    return counts(url)


def counts(url: str) -> Counts:
    """How many rows each table has."""
    with psycopg.connect(url) as connection:
        return _counts(connection)


def version(url: str) -> int:
    """The server's version as PostgreSQL numbers it: 180006."""
    with psycopg.connect(url) as connection:
        return connection.info.server_version


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Every ordinary table; a partitioned one is counted through its partitions."""
    found = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1"
    )
    return [row[0] for row in found]


def _counts(connection: psycopg.Connection[Any]) -> Counts:
    count = sql.SQL("SELECT count(*) FROM public.{}")
    found: Counts = {}
    for table in _tables(connection):
        row = connection.execute(count.format(sql.Identifier(table))).fetchone()
        assert row is not None
        found[table] = row[0]
    return found


def _pour(url: str, source: Path) -> None:
    """Send the dump's statements to the server in one transaction, without a copy on disk."""
    reader = subprocess.Popen(
        [engines.program("pg_restore"), "--no-owner", "--file=-", source],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    writer = subprocess.Popen(
        [engines.program("psql"), "--no-psqlrc", "--quiet",
         "--set=ON_ERROR_STOP=1", "--output=/dev/null"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=client_environment(url),
    )  # fmt: skip
    assert reader.stdout is not None
    assert writer.stdin is not None
    # A psql that stopped says why on its way out; that the pipe broke adds nothing to it.
    with contextlib.suppress(BrokenPipeError), writer.stdin:
        writer.stdin.write(b"BEGIN;\n")
        _without_newer_settings(reader.stdout, writer.stdin)
        if reader.wait() == 0:  # else the end of the script rolls everything back
            writer.stdin.write(b"COMMIT;\n")
    reader.stdout.close()
    _refuse_failed("pg_restore", reader)
    _refuse_failed("psql", writer)


def _refuse_failed(program: str, process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    with process.stderr:
        words = process.stderr.read().decode(errors="replace").strip()
    if process.wait() not in (0, -signal.SIGPIPE):
        raise DatabaseCareError(f"{program} failed: {words}")


def _without_newer_settings(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy a dump's script; what an older server does not know stands one a line in its head."""
    unknown = tuple(f"SET {name} =".encode() for name in SETTINGS_OF_NEWER_SERVERS)
    for line in itertools.islice(source, LINES_OF_HEAD):
        if not line.startswith(unknown):
            target.write(line)
    shutil.copyfileobj(source, target, 1 << 20)


def _dump(url: str, snapshot: str, target: Path) -> None:
    done = subprocess.run(
        [engines.program("pg_dump"), "--format=custom", "--no-owner", f"--snapshot={snapshot}",
         "--lock-wait-timeout=60s", f"--file={target}"],
        check=False, capture_output=True, text=True, env=client_environment(url),
    )  # fmt: skip
    if done.returncode != 0:
        raise DatabaseCareError(f"pg_dump failed: {done.stderr.strip()}")
