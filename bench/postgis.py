"""A PostgreSQL of the machine with PostGIS, for as long as a benchmark takes; a rival, never a part of us."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

DEBIAN = Path("/usr/lib/postgresql")
EXTENSIONS = Path("/usr/share/postgresql")
USER = "postgres"  # a server does not start as root


class Run:
    """Asks the server; what it answers, as rows."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def __call__(self, query: str, values: Any = None) -> list[Any]:
        cursor = self._connection.execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def copy(self, table: str, rows: Iterable[Iterable[Any]]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(list(row))


@contextmanager
def postgis(binaries: Path) -> Iterator[Run]:
    """A fresh server of binaries on a socket of its own, without a port; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="madang-bench-postgis-"))
    data, socket = folder / "data", folder / "socket"
    socket.mkdir()
    user = pwd.getpwnam(USER) if os.geteuid() == 0 else None
    identity = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    if user:
        for path in (folder, socket):
            os.chown(path, user.pw_uid, user.pw_gid)
    quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, **identity}
    words = ["--auth=trust", "--username=bench", "--encoding=UTF8"]
    subprocess.run([binaries / "initdb", "-D", data, *words], check=True, **quiet)
    options = f"-k {socket} -c listen_addresses="
    start: list[str | Path] = [
        binaries / "pg_ctl",
        "-D",
        data,
        "-o",
        options,
        "-l",
        folder / "log",
        "-w",
    ]
    subprocess.run([*start, "start"], check=True, **quiet)
    try:
        place = f"host={socket} user=bench dbname=postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            yield Run(connection)
    finally:
        stop: list[str | Path] = [binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(stop, check=False, **quiet)
        shutil.rmtree(folder, ignore_errors=True)
