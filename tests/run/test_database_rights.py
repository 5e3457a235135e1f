"""The application's role may read and write rows; it may not define, empty or own anything."""

import psycopg
import pytest

from fixtures.database import TestDatabase


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "TRUNCATE city_city CASCADE",
        "DROP TABLE city_city",
        "ALTER TABLE city_city ADD COLUMN x int",
    ],
)
def test_the_application_may_not_define_or_empty(
    own_database: TestDatabase, statement: str
) -> None:
    with (
        psycopg.connect(own_database.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_the_application_may_write_rows(own_database: TestDatabase) -> None:
    with psycopg.connect(own_database.app_url) as connection:
        assert connection.execute("SELECT count(*) FROM city_city").fetchone() == (0,)
