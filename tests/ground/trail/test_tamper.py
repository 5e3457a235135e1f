"""Whoever owns the database may change its rows; against heads kept outside, every change shows."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from fixtures.database import TestDatabase
from madang.ground.trail import actions
from madang.ground.trail.audit import Report, check
from madang.ground.trail.domain.sequencing import place_pending
from madang.ground.trail.models import SignedHead
from madang.ground.trail.notes import Ed25519Signer, key_of, sign
from madang.ground.trail.public import Act, Actor, declare, record
from madang.ground.trail.reading import (
    database_rows,
    database_waiting,
    export,
    export_rows,
    export_waiting,
)

if "test.happened" not in {action.name for action in actions.actions()}:
    declare("test.happened", "Something happened")

ORIGIN, SIGNER = "trail.test", Ed25519Signer("secret")
KEYS = [key_of(ORIGIN, SIGNER)]
ENTRIES, BATCH = 60, 10

Tamper = Callable[[str], Report]


@pytest.fixture
def heads(django_database: TestDatabase) -> list[str]:
    """A trail of six batches, and the heads that somebody outside kept."""
    for number in range(ENTRIES):
        record(Actor(name=f"person {number}"), Act("test.happened", detail={"number": number}))
    while place_pending(ORIGIN, SIGNER, BATCH).entries:
        pass
    return list(SignedHead.objects.order_by("size").values_list("note", flat=True))


@pytest.fixture
def tamper(django_database: TestDatabase, heads: list[str]) -> Tamper:
    """Run a statement as somebody with every right, the guards switched off, then check."""

    def act(statement: str) -> Report:
        with psycopg.connect(django_database.super_url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement)
        return audit(django_database, heads)

    return act


def audit(database: TestDatabase, heads: list[str]) -> Report:
    with psycopg.connect(database.app_url) as connection:
        return check(database_rows(connection), heads, KEYS, database_waiting(connection))


def told(report: Report) -> list[tuple[str, int, int]]:
    return [(finding.kind, finding.first, finding.last) for finding in report.findings]


def test_an_untouched_trail_is_sound(django_database: TestDatabase, heads: list[str]) -> None:
    report = audit(django_database, heads)
    assert report.sound
    assert (report.entries, report.under_heads, report.heads) == (ENTRIES, ENTRIES, 6)


def test_entries_not_yet_under_a_head_are_counted(
    django_database: TestDatabase, heads: list[str]
) -> None:
    for _ in range(3):
        record(Actor(), Act("test.happened"))
    assert audit(django_database, heads).not_under_heads == 3
    place_pending(ORIGIN, SIGNER)
    assert audit(django_database, heads).not_under_heads == 3
    assert audit(django_database, heads[:4]).not_under_heads == 23


@pytest.mark.parametrize(
    "change",
    [
        "action = 'test.other'",
        "time = time + interval '1 microsecond'",
        "detail = '{\"number\": 0}'",
        "city = gen_random_uuid()",
        "actor = gen_random_uuid()",
        "organisation = gen_random_uuid()",
        "thing_kind = 'camera'",
        "thing_id = '7'",
        "\"right\" = 'all'",
        "commitment = '\\x00'",
    ],
)
def test_tamper_by_changing_an_entry(tamper: Tamper, change: str) -> None:
    report = tamper(
        f"UPDATE trail_entry SET {change} WHERE id ="
        " (SELECT entry_id FROM trail_place WHERE position = 25)"
    )
    assert ("changed", 25, 25) in told(report)


@pytest.mark.parametrize(
    "change",
    ["name = 'x'", "reason = 'x'", "address = 'x'", "detail = '{\"x\": 1}'", "salt = '\\x00'"],
)
def test_tamper_by_changing_what_is_personal(tamper: Tamper, change: str) -> None:
    report = tamper(
        f"UPDATE trail_personal SET {change} WHERE entry_id ="
        " (SELECT entry_id FROM trail_place WHERE position = 25)"
    )
    assert told(report) == [("changed", 25, 25)]


def test_tamper_by_removing_an_entry(tamper: Tamper) -> None:
    report = tamper(
        "DELETE FROM trail_entry WHERE id = (SELECT entry_id FROM trail_place WHERE position = 25)"
    )
    assert told(report) == [("removed", 25, 25)]


def test_tamper_by_removing_an_entry_and_its_place(tamper: Tamper) -> None:
    report = tamper(
        "WITH gone AS (DELETE FROM trail_place WHERE position BETWEEN 25 AND 27"
        " RETURNING entry_id) DELETE FROM trail_entry WHERE id IN (SELECT entry_id FROM gone)"
    )
    assert told(report) == [("removed", 25, 27)]


def test_tamper_by_closing_the_gap_after_a_removal(tamper: Tamper) -> None:
    report = tamper(
        "DELETE FROM trail_place WHERE position = 25;"
        " UPDATE trail_place SET position = -position - 1 WHERE position > 25;"
        " UPDATE trail_place SET position = -position - 2 WHERE position < 0"
    )
    assert ("tampered", 20, 29) in told(report)
    assert ("cut", 59, 59) in told(report)


def test_tamper_by_cutting_the_end_off(tamper: Tamper) -> None:
    report = tamper(
        "DELETE FROM trail_place WHERE position >= 55;"
        "DELETE FROM trail_signedhead WHERE size > 50;"
        "DELETE FROM trail_entry WHERE id NOT IN (SELECT entry_id FROM trail_place)"
    )
    assert told(report) == [("cut", 55, 59)]


def test_tamper_by_reordering(tamper: Tamper) -> None:
    report = tamper(
        "UPDATE trail_place SET position = -1 WHERE position = 31;"
        "UPDATE trail_place SET position = 31 WHERE position = 32;"
        "UPDATE trail_place SET position = 32 WHERE position = -1"
    )
    assert told(report) == [("tampered", 30, 39)]


def test_tamper_by_inserting_an_entry(tamper: Tamper) -> None:
    report = tamper(
        "UPDATE trail_place SET position = -position - 2 WHERE position >= 25;"
        " UPDATE trail_place SET position = -position - 1 WHERE position < 0;"
        " INSERT INTO trail_entry (id, time, city, actor, organisation, action, thing_kind,"
        '  thing_id, "right", detail, commitment) SELECT gen_random_uuid(), time, city, actor,'
        '  organisation, action, thing_kind, thing_id, "right", detail, commitment'
        " FROM trail_entry LIMIT 1;"
        " INSERT INTO trail_place (position, entry_id, leaf) SELECT 25, id, '\\x00' FROM trail_entry"
        "  WHERE id NOT IN (SELECT entry_id FROM trail_place)"
    )
    assert ("tampered", 20, 29) in told(report)


def test_tamper_by_changing_an_entry_and_the_hash_kept_of_it(
    tamper: Tamper, django_database: TestDatabase, heads: list[str]
) -> None:
    """Somebody who knows the code and makes every hash anew is still found by the first head after."""
    from madang.ground.trail.leaf import leaf_data
    from madang.ground.trail.merkle import leaf_hash

    with psycopg.connect(django_database.app_url) as connection:
        row = list(database_rows(connection))[25][2]
    assert row is not None
    leaf = leaf_hash(leaf_data([*row[:5], "test.other", *row[6:9]], {"number": 25}, row[-1]))
    report = tamper(
        "UPDATE trail_entry SET action = 'test.other' WHERE id ="
        " (SELECT entry_id FROM trail_place WHERE position = 25);"
        f"UPDATE trail_place SET leaf = '\\x{leaf.hex()}' WHERE position = 25"
    )
    assert told(report) == [("tampered", 20, 29)]


def test_tamper_by_changing_only_the_hash_kept(tamper: Tamper) -> None:
    report = tamper("UPDATE trail_place SET leaf = '\\x00' WHERE position = 25")
    assert told(report) == [("tampered", 20, 29), ("changed", 25, 25)]


def test_tamper_by_removing_personal_data_in_silence(tamper: Tamper) -> None:
    report = tamper(
        "DELETE FROM trail_personal WHERE entry_id ="
        " (SELECT entry_id FROM trail_place WHERE position = 25)"
    )
    assert told(report) == [("personal", 25, 25)]


def test_tamper_by_signing_another_history_of_the_same_size(
    django_database: TestDatabase, heads: list[str]
) -> None:
    from dataclasses import replace

    from madang.ground.trail.notes import open_note

    forked = replace(open_note(heads[2], KEYS), root=bytes(32))
    report = audit(django_database, [*heads, sign(forked, SIGNER)])
    assert told(report) == [("head", 30, 30)]


def test_a_head_with_a_false_signature_is_told(
    django_database: TestDatabase, heads: list[str]
) -> None:
    report = audit(django_database, [heads[0], heads[1].replace("\n20\n", "\n19\n")])
    assert [finding.kind for finding in report.findings] == ["head"]
    assert report.under_heads == 10


def test_an_export_is_checked_without_a_database(
    django_database: TestDatabase, heads: list[str], tmp_path: Path
) -> None:
    record(Actor(), Act("test.happened"))
    words = io.StringIO()
    with psycopg.connect(django_database.app_url) as connection:
        export(database_rows(connection), database_waiting(connection), words)
    file = tmp_path / "trail.jsonl"
    file.write_text(words.getvalue())
    report = check(export_rows(file), heads, KEYS, export_waiting(file))
    assert report.sound
    assert report.not_under_heads == 1

    file.write_text(words.getvalue().replace('{\\"number\\": 25}', '{\\"number\\": 26}'))
    assert told(check(export_rows(file), heads, KEYS)) == [("changed", 25, 25)]


STATEMENTS = [
    "UPDATE trail_entry SET action = 'x'",
    "DELETE FROM trail_entry",
    "UPDATE trail_place SET position = position + 1",
    "DELETE FROM trail_place",
    "UPDATE trail_node SET hash = '\\x00'",
    "DELETE FROM trail_node",
    "UPDATE trail_signedhead SET size = 0",
    "DELETE FROM trail_signedhead",
    "DELETE FROM trail_signingkey",
    "UPDATE trail_personal SET name = 'x'",
    "TRUNCATE trail_personal",
    "SET session_replication_role = replica",
]


@pytest.mark.parametrize("statement", [*STATEMENTS, "ALTER TABLE trail_entry DISABLE TRIGGER ALL"])
def test_tamper_is_refused_to_the_application(own_database: TestDatabase, statement: str) -> None:
    with (
        psycopg.connect(own_database.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_tamper_by_a_slip_of_the_owner_is_refused(
    own_database: TestDatabase, statement: str
) -> None:
    """An owner who means it can switch the guard off; that is what the check above is for."""
    with (
        psycopg.connect(own_database.owner_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
