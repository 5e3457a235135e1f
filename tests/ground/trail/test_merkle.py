"""The tree of RFC 6962, against the vectors that certificate transparency's implementations share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.trail.merkle import (
    EMPTY,
    Frontier,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    perfect_root,
    perfect_subtrees,
    root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Inclusion of (leaf, size) and consistency of (first, second), as the RFC's section 2.1.3 names them.
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[(0, 8)],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def nodes_of(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    hashed = [leaf_hash(leaf) for leaf in leaves]
    return lambda height, index: perfect_root(hashed[index << height : (index + 1) << height])


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_standard(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf_hash(leaf))
    assert frontier.root().hex() == ROOTS[size]
    assert root(nodes_of(LEAVES), size).hex() == ROOTS[size]


@pytest.mark.parametrize("case", INCLUSION)
def test_inclusion_proofs_are_those_of_the_standard(case: tuple[int, int]) -> None:
    assert [one.hex() for one in inclusion_proof(nodes_of(LEAVES), *case)] == INCLUSION[case]


@pytest.mark.parametrize("case", CONSISTENCY)
def test_consistency_proofs_are_those_of_the_standard(case: tuple[int, int]) -> None:
    assert [one.hex() for one in consistency_proof(nodes_of(LEAVES), *case)] == CONSISTENCY[case]


@given(size=st.integers(1, 80), data=st.data())
def test_every_entry_is_proved_under_every_head_and_nothing_else_is(
    size: int, data: st.DataObject
) -> None:
    leaves = [bytes([number]) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    node, head = nodes_of(leaves), root(nodes_of(leaves), size)
    proof = inclusion_proof(node, index, size)
    assert verify_inclusion(leaf_hash(leaves[index]), index, size, proof, head)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, head)
    assert not verify_inclusion(leaf_hash(leaves[index]), index, size, [*proof, EMPTY], head)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index) | st.none())
    if other is not None:
        assert not verify_inclusion(leaf_hash(leaves[index]), other, size, proof, head)


@given(second=st.integers(1, 80), data=st.data())
def test_a_grown_tree_is_consistent_and_a_rewritten_one_is_not(
    second: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, second))
    leaves = [bytes([number]) for number in range(second)]
    node = nodes_of(leaves)
    old, new = root(node, first), root(node, second)
    proof = consistency_proof(node, first, second)
    assert verify_consistency(first, second, old, new, proof)
    changed = list(leaves)
    changed[data.draw(st.integers(0, first - 1))] = b"changed"
    rewritten = nodes_of(changed)
    assert not verify_consistency(
        first, second, old, root(rewritten, second), consistency_proof(rewritten, first, second)
    )


@given(begin=st.integers(0, 300), length=st.integers(0, 300))
def test_perfect_subtrees_cover_a_range_once_and_in_order(begin: int, length: int) -> None:
    at = begin
    for height, index in perfect_subtrees(begin, begin + length):
        assert index << height == at
        at += 1 << height
    assert at == begin + length


def test_a_proof_that_cannot_be_is_refused() -> None:
    with pytest.raises(ProofError):
        inclusion_proof(nodes_of(LEAVES), 8, 8)
    with pytest.raises(ProofError):
        consistency_proof(nodes_of(LEAVES), 0, 8)
