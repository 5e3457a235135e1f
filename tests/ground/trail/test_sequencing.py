from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import connection, transaction

from fixtures.database import TestDatabase
from madang.ground.trail import actions
from madang.ground.trail.domain import sequencing
from madang.ground.trail.domain.keys import WrongKeyError, change_key
from madang.ground.trail.domain.sequencing import find_forgotten, place_pending, tree_size
from madang.ground.trail.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    root,
    verify_consistency,
    verify_inclusion,
)
from madang.ground.trail.models import Entry, Node, Pending, Place, SignedHead
from madang.ground.trail.nodes import stored_node
from madang.ground.trail.notes import Ed25519Signer, key_of, open_note
from madang.ground.trail.public import Act, Actor, declare, record

if "test.happened" not in {action.name for action in actions.actions()}:
    declare("test.happened", "Something happened")

ORIGIN, SIGNER = "trail.test", Ed25519Signer("secret")
SOMEBODY, ACT = Actor(name="somebody"), Act("test.happened")


@pytest.mark.django_db
def test_a_head_and_proofs_over_more_than_the_kept_nodes() -> None:
    for _ in range(700):
        record(SOMEBODY, ACT)
    assert [place_pending(ORIGIN, SIGNER, 330).entries for _ in range(4)] == [330, 330, 40, 0]
    assert Node.objects.count() == 2
    heads = [
        open_note(one.note, [key_of(ORIGIN, SIGNER)]) for one in SignedHead.objects.order_by("size")
    ]
    assert [head.size for head in heads] == [330, 660, 700]
    frontier = Frontier()
    for leaf in Place.objects.order_by("position").values_list("leaf", flat=True):
        frontier.append(bytes(leaf))
    assert heads[-1].root == frontier.root() == root(stored_node, 700)
    place = Place.objects.get(position=511)
    proof = inclusion_proof(stored_node, 511, 700)
    assert verify_inclusion(bytes(place.leaf), 511, 700, proof, heads[-1].root)
    grown = consistency_proof(stored_node, 330, 700)
    assert verify_consistency(330, 700, heads[0].root, heads[-1].root, grown)


@pytest.mark.django_db
def test_a_third_level_of_kept_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is eight in earnest; here it is two, so that a small tree is tall."""
    from madang.ground.trail import nodes

    for module in (nodes, sequencing):
        monkeypatch.setattr(module, "STEP", 2)
        monkeypatch.setattr(module, "KEPT", range(2, 64, 2))
    for size in (70, 3, 1, 190):
        for _ in range(size):
            record(SOMEBODY, ACT)
        place_pending(ORIGIN, SIGNER)
    assert sorted(set(Node.objects.values_list("height", flat=True))) == [2, 4, 6, 8]
    frontier = Frontier()
    for leaf in Place.objects.order_by("position").values_list("leaf", flat=True):
        frontier.append(bytes(leaf))
    assert root(stored_node, 264) == frontier.root()


@pytest.mark.django_db
def test_an_act_that_is_rolled_back_leaves_no_entry() -> None:
    with transaction.atomic():
        record(SOMEBODY, ACT)
        transaction.set_rollback(True)
    assert place_pending(ORIGIN, SIGNER).entries == 0


@pytest.mark.django_db
def test_another_key_than_before_signs_nothing_until_the_change_is_recorded() -> None:
    record(SOMEBODY, ACT)
    place_pending(ORIGIN, SIGNER)
    record(SOMEBODY, ACT)
    other = Ed25519Signer("lost and made anew")
    with pytest.raises(WrongKeyError, match="Bring the old secret back"), transaction.atomic():
        place_pending(ORIGIN, other)
    assert tree_size() == 1
    change_key(SOMEBODY, ORIGIN, other, "the old one was lost")
    assert place_pending(ORIGIN, other).entries == 2
    assert Entry.objects.filter(action="trail.key.changed").count() == 1


@pytest.mark.django_db
def test_an_entry_taken_out_of_the_queue_is_found_again() -> None:
    record(SOMEBODY, ACT)
    Pending.objects.all().delete()
    assert place_pending(ORIGIN, SIGNER).entries == 0
    assert find_forgotten() == 1
    assert find_forgotten() == 0
    assert place_pending(ORIGIN, SIGNER).entries == 1


@pytest.mark.django_db
def test_an_entry_queued_twice_has_one_place() -> None:
    entry = record(SOMEBODY, ACT)
    Pending.objects.create(entry=entry)
    assert place_pending(ORIGIN, SIGNER).entries == 1
    Pending.objects.create(entry=entry)
    assert place_pending(ORIGIN, SIGNER).entries == 0


def test_writers_and_two_sequencers_at_once_lose_nothing(django_database: TestDatabase) -> None:
    done = threading.Event()

    def write() -> None:
        try:
            for _ in range(60):
                record(SOMEBODY, ACT)
        finally:
            connection.close()

    def place() -> None:
        try:
            while not done.is_set() or Pending.objects.exists():
                place_pending(ORIGIN, SIGNER, 7)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    placers = [threading.Thread(target=place) for _ in range(2)]
    for thread in (*writers, *placers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in placers:
        thread.join()
    assert list(Place.objects.order_by("position").values_list("position", flat=True)) == list(
        range(240)
    )


def test_what_is_written_after_another_was_committed_stands_behind_it(
    django_database: TestDatabase,
) -> None:
    """Also when the later one's transaction began first."""
    with psycopg.connect(django_database.app_url) as long:
        long.execute("SELECT pg_current_xact_id()")
        first = record(SOMEBODY, ACT)
        long.execute(
            'INSERT INTO trail_entry (id, action, thing_kind, thing_id, "right", detail,'
            " commitment) VALUES (gen_random_uuid(), 'test.happened', '', '', '', '{}', '')"
        )
    place_pending(ORIGIN, SIGNER)
    assert Place.objects.get(position=0).entry_id == first
