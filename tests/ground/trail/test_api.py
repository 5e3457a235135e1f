"""Heads and proofs as somebody outside asks for them, and the check they make of these alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from fixtures.database import TestDatabase
from madang.ground.trail import actions
from madang.ground.trail.commands import trail
from madang.ground.trail.domain.sequencing import place_pending
from madang.ground.trail.merkle import verify_consistency, verify_inclusion
from madang.ground.trail.models import Place
from madang.ground.trail.notes import Ed25519Signer, Key, open_note
from madang.ground.trail.public import Act, Actor, declare, record

if "test.happened" not in {action.name for action in actions.actions()}:
    declare("test.happened", "Something happened")

SIGNER = Ed25519Signer("secret")


@pytest.fixture
def placed(django_database: TestDatabase) -> TestDatabase:
    for _ in range(3):
        for _ in range(20):
            record(Actor(name="somebody"), Act("test.happened"))
        place_pending("trail.test", SIGNER)
    return django_database


def ask(path: str, **words: Any) -> Any:
    answer = Client().get(path, words)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_outsider_proves_that_an_entry_is_there_and_that_the_trail_only_grew(
    placed: TestDatabase,
) -> None:
    answer = ask("/api/v1/trail/heads")
    keys = [Key.parse(vkey) for vkey in answer["keys"]]
    heads = [open_note(head["note"], keys) for head in answer["heads"]]
    assert [head.size for head in heads] == [20, 40, 60]

    leaf = bytes(Place.objects.get(position=33).leaf)
    proved = ask("/api/v1/trail/inclusion", leaf=base64.b64encode(leaf).decode(), size=40)
    proof = [base64.b64decode(one) for one in proved["proof"]]
    assert verify_inclusion(leaf, proved["position"], 40, proof, heads[1].root)

    grown = ask("/api/v1/trail/consistency", first=20, second=60)
    proof = [base64.b64decode(one) for one in grown["proof"]]
    assert verify_consistency(20, 60, heads[0].root, heads[2].root, proof)


def test_the_latest_head_is_a_note(placed: TestDatabase) -> None:
    note = Client().get("/trail/heads/latest").content.decode()
    assert note.startswith("trail.test\n60\n")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/trail/inclusion?leaf=AAAA", 404),
        ("/api/v1/trail/inclusion?leaf=!", 422),
        ("/api/v1/trail/inclusion", 422),
        ("/api/v1/trail/consistency?first=5&second=4", 404),
        ("/api/v1/trail/consistency?first=1&second=61", 404),
        ("/api/v1/trail/consistency?first=0&second=6", 422),
        ("/api/v1/trail/heads?after=-1", 422),
        ("/trail/heads?after=x", 200),
    ],
)
def test_what_cannot_be_proved_is_said_so(placed: TestDatabase, path: str, status: int) -> None:
    assert Client().get(path).status_code == status


def test_before_the_first_entry_there_is_no_head(django_database: TestDatabase) -> None:
    assert Client().get("/trail/heads/latest").status_code == 404
    assert ask("/trail/heads") == {"keys": [], "heads": [], "latest": 0}


def test_the_command_checks_against_what_was_kept(placed: TestDatabase, tmp_path: Path) -> None:
    kept = tmp_path / "heads.json"
    kept.write_text(json.dumps(ask("/trail/heads")))
    done = CliRunner().invoke(trail, ["verify", "--heads", str(kept)])
    assert done.exit_code == 0, done.output
    assert "60 entries; 60 under 3 checked heads." in done.output

    exported = tmp_path / "trail.jsonl"
    CliRunner().invoke(trail, ["export", str(exported)], catch_exceptions=False)
    offline = ["verify", "--heads", str(kept), "--export", str(exported)]
    assert CliRunner().invoke(trail, offline).exit_code == 0
    lines = exported.read_text().splitlines()
    exported.write_text("\n".join([*lines[:10], *lines[11:]]) + "\n")
    done = CliRunner().invoke(trail, offline)
    assert done.exit_code == 1
    assert "removed at 9" in done.output


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "heads.json"
    file.write_text("{}")
    done = CliRunner().invoke(trail, ["verify", "--heads", str(file), "--export", str(file)])
    assert done.exit_code == 1
    assert "Error" in done.output


def test_bare_notes_one_after_the_other_are_read(placed: TestDatabase, tmp_path: Path) -> None:
    answer = ask("/trail/heads")
    file = tmp_path / "notes.txt"
    file.write_text("\n".join(head["note"] for head in answer["heads"]))
    words = ["verify", "--heads", str(file), "--key", answer["keys"][0]]
    done = CliRunner().invoke(trail, words)
    assert done.exit_code == 0, done.output
    assert "3 checked heads" in done.output
