"""Reads of the trail: heads and proofs for everybody, entries for those who may."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from madang.ground.trail.merkle import consistency_proof, inclusion_proof, root
from madang.ground.trail.models import Place, SignedHead, SigningKey
from madang.ground.trail.nodes import stored_node
from madang.ground.trail.notes import read_note


class NoProofError(LookupError):
    """There is nothing to prove; the message says why."""


def heads_answer(after: int, most: int | None) -> dict[str, Any]:
    """Signed heads larger than after, smallest first, at most so many, and every key there was."""
    heads = SignedHead.objects.filter(size__gt=after).order_by("size")
    return {
        "keys": list(SigningKey.objects.order_by("since").values_list("vkey", flat=True)),
        "heads": [head_words(head) for head in (heads[:most] if most else heads)],
    }


def latest_head() -> SignedHead | None:
    return SignedHead.objects.order_by("-size").first()


def head_words(head: SignedHead) -> dict[str, Any]:
    said = read_note(head.note)[1]
    return {
        "size": said.size,
        "root": _text(said.root),
        "time": said.time.isoformat(),
        "note": head.note,
    }


def inclusion(leaf: bytes, size: int | None) -> dict[str, Any]:
    """The proof that a leaf is under the head of size (the latest if None)."""
    place = Place.objects.filter(leaf=leaf).first()
    if place is None:
        raise NoProofError("No entry with this leaf hash has a place yet.")
    size = _head_size(size)
    if place.position >= size:
        raise NoProofError(f"This entry stands at {place.position}, after the head of size {size}.")
    proof = inclusion_proof(stored_node, place.position, size)
    return {
        "position": place.position,
        "size": size,
        "root": _text(root(stored_node, size)),
        "proof": [_text(one) for one in proof],
    }


def consistency(first: int, second: int) -> dict[str, Any]:
    """The proof that the trail of size second is that of size first, grown."""
    if not 0 < first <= second or second > _head_size(None):
        raise NoProofError(f"There are no two heads of the sizes {first} and {second}.")
    proof = consistency_proof(stored_node, first, second)
    return {"first": first, "second": second, "proof": [_text(one) for one in proof]}


def leaf_of_entry(entry: UUID) -> bytes | None:
    """The leaf hash of an entry, once it has a place."""
    leaf = Place.objects.filter(entry=entry).values_list("leaf", flat=True).first()
    return None if leaf is None else bytes(leaf)


def _head_size(size: int | None) -> int:
    latest = latest_head()
    if latest is None:
        raise NoProofError("No head is signed yet.")
    if size is None:
        return latest.size
    if not 0 < size <= latest.size:
        raise NoProofError(f"No head of size {size} is signed; the latest has {latest.size}.")
    return size


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def size_before_last(count: int) -> int:
    """The size of the head before the last count heads; 0 when there are not more."""
    sizes = SignedHead.objects.order_by("-size").values_list("size", flat=True)[count : count + 1]
    return next(iter(sizes), 0)
