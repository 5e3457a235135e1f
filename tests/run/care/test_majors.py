"""Data made by an older PostgreSQL are refused with what to do, and taken over with rows and rights."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from madang.run import engines, postgres
from madang.run.care import majors
from madang.run.secrets import secret

OLD = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def old_home(tmp_path: Path) -> Iterator[Path]:
    """A home whose data PostgreSQL 15 made."""
    if not (OLD / "initdb").exists():
        pytest.skip("PostgreSQL 15 is not on this machine (Debian: postgresql-15)")
    home = tmp_path / "home"
    place = replace(postgres.place(home), binaries=OLD)
    password = place.data.parent / "password"
    password.write_text(secret(home, f"database-{postgres.SUPERUSER}"))
    if place.user is not None:
        shutil.chown(password, place.user, place.group)
    done = place.run(
        "initdb", "-D", place.data, "-U", postgres.SUPERUSER, "-A", "scram-sha-256",
        "--pwfile", password, "--encoding=UTF8", "--locale=C.UTF-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with _serving(home, place):
        postgres.ensure_roles(home)
        with psycopg.connect(postgres.url(home, postgres.OWNER)) as connection:
            connection.execute("CREATE TABLE votes (a int PRIMARY KEY)")
            connection.execute("INSERT INTO votes SELECT generate_series(1, 1000)")
            connection.execute(f"REVOKE DELETE ON votes FROM {postgres.APP}")
    yield home
    shutil.rmtree(place.data.parent)


def test_older_data_are_refused_with_what_to_do(old_home: Path) -> None:
    with pytest.raises(postgres.PostgresError, match=r"PostgreSQL 15.*madang upgrade"):
        postgres.prepare(old_home)


def test_older_data_are_taken_over(old_home: Path) -> None:
    try:
        kept = majors.upgrade(old_home, OLD, lambda text: None)
    except majors.MajorUpgradeError as error:
        if 'unrecognized parameter "pg_attver"' not in str(error):
            raise
        pytest.skip(
            "This PostgreSQL 15 (15.20) marks columns in a way that our 18.6 cannot read yet"
        )
    assert (kept / "PG_VERSION").read_text().strip() == "15"
    assert not majors.is_due(old_home)
    with (
        _serving(old_home, postgres.prepare(old_home)),
        psycopg.connect(postgres.url(old_home, postgres.APP)) as connection,
    ):
        assert connection.info.server_version // 10000 == engines.major()
        assert connection.execute("SELECT count(*) FROM votes").fetchone() == (1000,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM votes")


def test_without_the_old_programs_nothing_changes(old_home: Path) -> None:
    with pytest.raises(engines.EngineError, match="--old-programs"):
        majors.upgrade(old_home, None, lambda text: None)
    assert postgres.place(old_home).made_by() == 15


@contextlib.contextmanager
def _serving(home: Path, place: postgres.Place) -> Iterator[None]:
    server = subprocess.Popen(
        postgres.command(place), cwd="/", stderr=subprocess.DEVNULL, **place.as_user()
    )
    try:
        postgres.wait_until_ready(home, lambda: server.poll() is None, patience=60)
        yield
    finally:
        server.terminate()
        server.wait(60)
