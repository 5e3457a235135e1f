"""The tree as it is kept: leaf hashes by position, and the roots of perfect subtrees of 2**8, 2**16…
leaves. Any other node is at most seven steps of hashing above these."""

from __future__ import annotations

from madang.ground.trail.merkle import perfect_root
from madang.ground.trail.models import Node, Place

STEP = 8
KEPT = range(STEP, 64, STEP)  # heights


class MissingNodeError(LookupError):
    """The stored tree has a hole: somebody removed places or nodes. `madang trail verify` tells more."""


def hashes(height: int, first: int, count: int) -> list[bytes]:
    """The hashes at a kept height (0: leaves) from index first on; exactly count of them."""
    last = first + count
    if height == 0:
        rows = Place.objects.filter(position__gte=first, position__lt=last).order_by("position")
        found = [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
    else:
        nodes = Node.objects.filter(height=height, index__gte=first, index__lt=last)
        found = [bytes(one) for one in nodes.order_by("index").values_list("hash", flat=True)]
    if len(found) != count:
        raise MissingNodeError(f"height {height}, {first} to {last}: {len(found)} of {count}")
    return found


def stored_node(height: int, index: int) -> bytes:
    """The hash of the perfect subtree at (height, index)."""
    above = height % STEP
    return perfect_root(hashes(height - above, index << above, 1 << above))
