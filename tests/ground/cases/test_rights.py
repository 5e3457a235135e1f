"""What the application's role may not do to cases, tried with raw SQL."""

from __future__ import annotations

import psycopg
import pytest

from fixtures.database import TestDatabase


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_timelineentry SET text = 'other'",
        "DELETE FROM cases_timelineentry",
        "UPDATE cases_threshold SET level = 99",
        "DELETE FROM cases_threshold",
        "UPDATE cases_link SET label = 'other'",
        "DELETE FROM cases_link",
        "DELETE FROM cases_alarm",
        "DELETE FROM cases_incident",
        "ALTER TABLE cases_alarm DISABLE TRIGGER ALL",
        "DROP TRIGGER cases_alarm_guard ON cases_alarm",
    ],
)
def test_the_application_may_not(own_database: TestDatabase, statement: str) -> None:
    with (
        psycopg.connect(own_database.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
