"""Ways by time: the same as scipy's on random weights, with closures, bans and alternatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.repair import repair
from madang.systems.traffic.engine.routes import DETOUR, Router
from systems.traffic.streets import grid


@pytest.fixture(scope="module")
def router() -> Router:
    draft = grid(7, 6)
    draft.bans = [("0,1>1,1", "1,1>1,2"), ("2,2>3,2", "3,2>4,2")]
    draft.edges = [edge for edge in draft.edges if edge.key not in ("4,4>4,5", "1,3>0,3")]
    return Router(build(repair(draft)[0]))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_ways_and_reach_are_scipys_on_any_weights_and_closures(router, seed):
    rng = np.random.default_rng(seed)
    count = len(router.network.edges)
    seconds = rng.exponential(40, count)
    seconds[rng.random(count) < 0.1] = np.nan
    now = router.weights(seconds, rng.random(count) < 0.08)
    turns = router.network.turns
    open_ = np.isfinite(now.costs)
    arcs = (now.costs[open_], (turns.from_edge[open_], turns.to_edge[open_]))
    start, end = rng.integers(0, count, 2)
    expected = dijkstra(csr_matrix(arcs, shape=(count, count)), indices=start)
    assert np.allclose(router.reach(start, now), expected)
    limited = router.reach(start, now, 120)
    assert np.allclose(limited, np.where(expected <= 120, expected, np.inf))
    way = router.way(start, end, now)
    if way is None:
        assert np.isinf(expected[end])
        assert router.way(start, end, router.learned(now)) is None
        return
    assert way.seconds == pytest.approx(expected[end])
    assert router.seconds(way.edges, now) == pytest.approx(way.seconds)
    assert (way.edges[0], way.edges[-1]) == (start, end)
    learned = router.way(start, end, router.learned(now))
    assert learned is not None
    assert learned.seconds == pytest.approx(way.seconds)
    assert router.between(np.array([start]), np.array([end]), now)[0, 0] == pytest.approx(
        way.seconds
    )


def test_bans_are_kept_and_alternatives_are_ways_of_their_own(router):
    ids = router.network.edges.ids
    way = router.way(ids.index("0,1>1,1"), ids.index("1,1>1,2"))
    assert way is not None
    assert len(way.edges) > 2
    ways = router.alternatives(ids.index("0,0>0,1"), ids.index("5,4>5,5"), 3)
    assert len(ways) == 3
    assert len({tuple(each.edges) for each in ways}) == 3
    assert ways[-1].seconds <= DETOUR * ways[0].seconds
    closed = np.ones(len(ids), bool)
    assert router.way(0, 9, router.weights(closed=closed)) is None
    assert router.alternatives(0, 9, 2, router.weights(closed=closed)) == []
