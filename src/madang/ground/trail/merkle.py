"""The Merkle tree of RFC 6962 (section 2.1) and RFC 9162: hashes, roots and proofs. No I/O.

A proof is made from `node(height, index)`, the hash of the perfect subtree of 2**height leaves that
begins at leaf index * 2**height; whoever keeps the nodes decides how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]
EMPTY = sha256(b"").digest()


class ProofError(ValueError):
    """A proof was asked for that cannot exist; the message says why."""


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2**n hashes of one height."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, largest first.

    Enough to append leaves and to tell the root at every size, in memory that grows with log2(size).
    """

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self._roots = list(roots)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        carried, size = leaf, self.size
        while size & 1:
            carried = node_hash(self._roots.pop(), carried)
            size >>= 1
        self._roots.append(carried)
        self.size += 1

    def copy(self) -> Frontier:
        return Frontier(self.size, self._roots)

    def root(self) -> bytes:
        if not self._roots:
            return EMPTY
        folded = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            folded = node_hash(left, folded)
        return folded


def perfect_subtrees(begin: int, end: int) -> list[tuple[int, int]]:
    """The fewest perfect subtrees that cover leaves [begin, end), as (height, index), left to right."""
    found = []
    while begin < end:
        height = (begin & -begin).bit_length() - 1 if begin else end.bit_length()
        while begin + (1 << height) > end:
            height -= 1
        found.append((height, begin >> height))
        begin += 1 << height
    return found


def root(node: Node, size: int) -> bytes:
    """The root of the tree of the first size leaves."""
    return _range_root(node, 0, size) if size else EMPTY


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The hashes beside the way from leaf index up to the root at size (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ProofError(f"Entry {index} is not among the first {size}.")
    return _path(node, index, 0, size)


def consistency_proof(node: Node, first: int, second: int) -> list[bytes]:
    """The hashes that show the tree at second to be the tree at first, grown (RFC 6962, 2.1.2)."""
    if not 0 < first <= second:
        raise ProofError(f"There is no consistency proof from size {first} to size {second}.")
    return [] if first == second else _subproof(node, first, 0, second, True)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether proof shows leaf (a leaf hash) at index under root (RFC 9162, 2.1.3.2)."""
    sides = _sides(index, size - 1, len(proof)) if 0 <= index < size else None
    if sides is None:
        return False
    folded = leaf
    for left, beside in zip(sides, proof, strict=True):
        folded = node_hash(beside, folded) if left else node_hash(folded, beside)
    return folded == root


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether proof shows second_root to be first_root, grown (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    rest = list(proof) if first & (first - 1) else [first_root, *proof]
    skipped = (first & -first).bit_length() - 1
    sides = _sides((first - 1) >> skipped, (second - 1) >> skipped, len(rest) - 1)
    if sides is None:
        return False
    old = new = rest[0]
    for left, beside in zip(sides, rest[1:], strict=True):
        if left:
            old, new = node_hash(beside, old), node_hash(beside, new)
        else:
            new = node_hash(new, beside)
    return old == first_root and new == second_root


def _sides(place: int, last: int, count: int) -> list[bool] | None:
    """For each hash of a proof, whether it stands on the left; None if the proof has another length."""
    sides = []
    for _ in range(count):
        if last == 0:
            return None
        left = bool(place & 1) or place == last
        while left and place and not place & 1:
            place >>= 1
            last >>= 1
        sides.append(left)
        place >>= 1
        last >>= 1
    return sides if last == 0 else None


def _split(count: int) -> int:
    """The largest power of two below count."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(node: Node, begin: int, end: int) -> bytes:
    roots = [node(height, index) for height, index in perfect_subtrees(begin, end)]
    folded = roots.pop()
    while roots:
        folded = node_hash(roots.pop(), folded)
    return folded


def _path(node: Node, index: int, begin: int, end: int) -> list[bytes]:
    if end - begin == 1:
        return []
    middle = begin + _split(end - begin)
    if index < middle:
        return [*_path(node, index, begin, middle), _range_root(node, middle, end)]
    return [*_path(node, index, middle, end), _range_root(node, begin, middle)]


def _subproof(node: Node, size: int, begin: int, end: int, whole: bool) -> list[bytes]:
    if size == end:
        return [] if whole else [_range_root(node, begin, end)]
    middle = begin + _split(end - begin)
    if size <= middle:
        left = _subproof(node, size, begin, middle, whole)
        return [*left, _range_root(node, middle, end)]
    return [*_subproof(node, size, middle, end, False), _range_root(node, begin, middle)]
