"""The sequencer: gives every committed entry its place in the tree and signs the new head.

One at a time in the whole installation (a lock of the database sees to it), each batch in one
transaction: places, nodes and head appear together or not at all. The order is that of writing, so an
entry written after another was committed always stands behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from madang.ground.trail.domain.keys import current_key
from madang.ground.trail.leaf import leaf_data
from madang.ground.trail.merkle import Frontier, leaf_hash, perfect_root, perfect_subtrees
from madang.ground.trail.models import Node, Place, SignedHead
from madang.ground.trail.nodes import KEPT, STEP, hashes, stored_node
from madang.ground.trail.notes import Head, Signer, sign

BATCH = 5000
LOCK = 0x7472_6169_6C  # "trail"

TAKE = """
WITH taken AS (
    DELETE FROM trail_pending WHERE id IN (SELECT id FROM trail_pending ORDER BY id LIMIT %s)
    RETURNING id, entry
), first AS (
    SELECT min(id) AS id, entry FROM taken GROUP BY entry
)
SELECT entry.id::text, (extract(epoch FROM time) * 1000000)::bigint, city::text, actor::text,
       organisation::text, action, thing_kind, thing_id, "right", detail::text, commitment
FROM first JOIN trail_entry entry ON entry.id = first.entry
LEFT JOIN trail_place place ON place.entry_id = entry.id
WHERE place.entry_id IS NULL
ORDER BY first.id
"""

FORGOTTEN = """
INSERT INTO trail_pending (entry)
SELECT entry.id FROM trail_entry entry
LEFT JOIN trail_place place ON place.entry_id = entry.id
LEFT JOIN trail_pending pending ON pending.entry = entry.id
WHERE place.entry_id IS NULL AND pending.entry IS NULL
ORDER BY entry.time, entry.id
"""


@dataclass(frozen=True)
class Placed:
    """What a batch did: so many entries, and the head over all."""

    entries: int
    head: Head | None


@transaction.atomic
def place_pending(origin: str, signer: Signer, most: int = BATCH) -> Placed:
    """Place at most so many committed entries and sign the head over them; nothing if another
    sequencer is at work or nothing waits."""
    if not _alone():
        return Placed(0, None)
    rows = _rows(TAKE, [most])
    if not rows:
        return Placed(0, None)
    current_key(origin, signer)
    size = tree_size()
    leaves = [(row[0], leaf_hash(leaf_of(row))) for row in rows]
    Place.objects.bulk_create(
        Place(position=size + number, entry_id=entry, leaf=leaf)
        for number, (entry, leaf) in enumerate(leaves)
    )
    frontier = frontier_at(size)
    for _, leaf in leaves:
        frontier.append(leaf)
    _keep_nodes(size, frontier.size)
    head = Head(origin, frontier.size, frontier.root(), datetime.now(UTC))
    SignedHead.objects.create(size=head.size, time=head.time, note=sign(head, signer))
    return Placed(len(leaves), head)


@transaction.atomic
def find_forgotten() -> int:
    """Queue entries that neither wait nor have a place, if any (after a restore, or a meddler)."""
    if not _alone():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FORGOTTEN)
        return int(cursor.rowcount)


def tree_size() -> int:
    """How many entries have a place."""
    last = Place.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def frontier_at(size: int) -> Frontier:
    """The right edge of the tree of the first size entries."""
    return Frontier(size, (stored_node(*where) for where in perfect_subtrees(0, size)))


def leaf_of(row: Sequence[Any]) -> bytes:
    """The leaf's bytes from a row of TAKE's columns."""
    *fields, detail, commitment = row
    return leaf_data(fields, msgspec.json.decode(detail), bytes(commitment))


def _keep_nodes(before: int, after: int) -> None:
    """Keep the nodes at heights 8, 16, 24… that became full."""
    for height in KEPT:
        full = range(before >> height, after >> height)
        if not full:
            break
        below = [hashes(height - STEP, index << STEP, 1 << STEP) for index in full]
        Node.objects.bulk_create(
            Node(height=height, index=index, hash=perfect_root(ones))
            for index, ones in zip(full, below, strict=True)
        )


def _alone() -> bool:
    return bool(_rows("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])[0][0])


def _rows(sql: str, words: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(words))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
