"""Control delay as the handbooks reckon it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.lit_streets import lit_roads
from madang.demo.city.signals import street_network
from madang.systems.traffic.domain.networks import make
from madang.systems.traffic.engine.delay import control_delay, green_shares


def delay(volume: float, capacity: float, green: float, cycle: float) -> float:
    given = (np.array([value]) for value in (volume, capacity, green, cycle))
    return float(control_delay(*given)[0])


def test_delay_by_hand() -> None:
    """d1 = 0.5 120 0.6² / (1 - 0.5 0.4) = 27; d2 = 225 (-0.5 + √(0.25 + 2 / 200)) = 2.23."""
    assert delay(400, 800, 0.4, 120) == pytest.approx(29.23, abs=0.01)


def test_nobody_has_green_and_everybody_has() -> None:
    assert delay(10, 0, 0.0, 120) == np.inf
    assert delay(10, 1900, 1.0, 120) < 1


@given(
    st.floats(0, 3000), st.floats(1, 500), st.floats(50, 4000), st.floats(0.05, 0.95),
    st.floats(40, 240),
)  # fmt: skip
def test_more_vehicles_wait_longer(
    volume: float, more: float, capacity: float, green: float, cycle: float
) -> None:
    before, after = (delay(v, capacity, green, cycle) for v in (volume, volume + more))
    assert 0 <= before <= after + 1e-9


def test_shares_of_green_are_those_of_the_plan() -> None:
    network = make(street_network(lit_roads(3))).network
    plans = {s: int(network.signals.plan_first[s]) for s in range(len(network.signals))}
    shares = green_shares(network, plans)
    lit = np.unique(network.turns.from_edge[network.turns.signal >= 0])
    assert ((shares[lit] > 0.1) & (shares[lit] < 0.8)).all()
    assert (np.delete(shares, lit) == 1).all()
