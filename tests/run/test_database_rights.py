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


@pytest.mark.parametrize(
    "question",
    [
        "SELECT name FROM trail_personal",
        "SELECT name FROM privacy_footagerequest",
        "DELETE FROM trail_personal",
    ],
)
def test_the_word_that_opens_rows_is_read_once_a_statement(
    own_database: TestDatabase, question: str
) -> None:
    """In an initial plan, not in a filter: a filter would ask for it at every row."""
    with psycopg.connect(own_database.app_url) as connection:
        plan = [str(row[0]) for row in connection.execute(f"EXPLAIN VERBOSE {question}")]
    asked = [line for line in plan if "current_setting" in line]
    assert asked
    assert all(line.strip().startswith("Output:") for line in asked), plan
    assert any("InitPlan" in line for line in plan), plan
