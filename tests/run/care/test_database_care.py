"""A database comes back whole: rows, constraints and what the application may not do."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fixtures.database import TestDatabase
from madang.run import postgres
from madang.run.care import database

CITY = (
    "INSERT INTO city_city (id, key, names, time_zone, crs, simulated, created) "
    "VALUES (gen_random_uuid(), %s, '{}', 'Asia/Seoul', 'EPSG:5186', false, now())"
)


@pytest.fixture
def empty_database(migrated: Path) -> Iterator[TestDatabase]:
    name = f"empty_{secrets.token_hex(6)}"
    top = postgres.url(migrated, postgres.SUPERUSER, "postgres")
    with psycopg.connect(top, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {postgres.OWNER}")
    roles = (postgres.APP, postgres.OWNER, postgres.SUPERUSER)
    yield TestDatabase(name, *(postgres.url(migrated, role, name) for role in roles))
    with psycopg.connect(top, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_rows_and_rights_come_back(
    own_database: TestDatabase, empty_database: TestDatabase, tmp_path: Path
) -> None:
    with psycopg.connect(own_database.app_url) as connection:
        connection.execute(CITY, ["suwon"])
    saved = database.save(own_database.owner_url, tmp_path / "dump")
    assert saved["city_city"] == 1
    assert database.load(empty_database.owner_url, tmp_path / "dump") == saved
    with psycopg.connect(empty_database.app_url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(CITY, ["api"])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE cases_timelineentry SET text = ''")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (a int)")


def test_a_database_with_tables_is_left_alone(own_database: TestDatabase, tmp_path: Path) -> None:
    database.save(own_database.owner_url, tmp_path / "dump")
    with pytest.raises(database.DatabaseCareError, match="not empty"):
        database.load(own_database.owner_url, tmp_path / "dump")


def test_a_broken_dump_brings_nothing_back(
    own_database: TestDatabase, empty_database: TestDatabase, tmp_path: Path
) -> None:
    database.save(own_database.owner_url, tmp_path / "dump")
    data = (tmp_path / "dump").read_bytes()
    (tmp_path / "dump").write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(database.DatabaseCareError):
        database.load(empty_database.owner_url, tmp_path / "dump")
    assert database.counts(empty_database.owner_url) == {}


def test_a_dump_of_a_busy_database_counts_one_instant(
    own_database: TestDatabase, tmp_path: Path
) -> None:
    with psycopg.connect(own_database.app_url) as connection:
        connection.execute(CITY, ["half-way"])
        assert database.save(own_database.owner_url, tmp_path / "dump")["city_city"] == 0
