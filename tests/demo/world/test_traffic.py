"""Traffic of the demo's world: it goes on for hours, the same for the same seed, and detectors see it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from fixtures.lit_streets import lit_roads
from madang.demo.city.signals import link_key, node_key, street_network
from madang.demo.devices.detectors import Detectors
from madang.demo.world.street import Links, Street
from madang.demo.world.traffic import Traffic
from madang.demo.world.world import Setting, Thing, World
from madang.systems.traffic.domain.networks import make
from madang.systems.traffic.engine.kernel_state import ON_A_LANE
from madang.systems.traffic.engine.network import Network

EIGHT = 1_795_129_200.0  # a Friday morning in Korea
SIX = EIGHT - 2 * 3600
STEP = 5.0
BUSES = 30


@pytest.fixture(scope="module")
def network() -> Network:
    return make(street_network(lit_roads())).network


@pytest.fixture(scope="module")
def links() -> Links:
    roads = lit_roads()
    return Links(
        [node_key(int(n)) for n in roads.begin],
        [node_key(int(n)) for n in roads.end],
        list(roads.lines),
        roads.speed_kmh / 3.6,
        roads.lanes.astype(float),
        np.zeros(roads.main, dtype=bool),
        [link_key(n) for n in range(roads.main)],
    )


def driven(network: Network, links: Links, seconds: float, seed: int = 1) -> Traffic:
    traffic = Traffic(network, Street(links), np.arange(BUSES) % 2 == 0, seed, EIGHT)
    for now in np.arange(EIGHT + STEP, EIGHT + seconds + STEP, STEP):
        traffic.step(float(now), 0.0)
    return traffic


def test_from_dawn_past_the_rush_it_neither_jams_nor_empties(
    network: Network, links: Links
) -> None:
    traffic = Traffic(network, Street(links), np.arange(BUSES) % 2 == 0, 1, SIX)
    passed, before = [], traffic.flow().entered.sum()
    for now in np.arange(SIX + 10, SIX + 3.5 * 3600 + 10, 10.0):
        traffic.step(float(now), 0.0)
        if now % 1800 == 0:
            passed.append(traffic.flow().entered.sum() - before)
            before = traffic.flow().entered.sum()
            assert_nobody_is_lost(traffic)
            assert traffic.driving > 0.7 * traffic.wanted(float(now))
    assert max(passed) > 2 * passed[0]
    assert passed[-1] > 0.5 * max(passed), "after the rush the street still moves"
    assert traffic.gave_up < 0.01 * sum(passed)


def assert_nobody_is_lost(traffic: Traffic) -> None:
    """Everybody who is on a lane stands in its queue once, and nobody else does."""
    state = traffic._simulation.state
    queued = int((state.lanes["tail"] - state.lanes["head"]).sum())
    assert queued == int((state.vehicles["where"] == ON_A_LANE).sum())
    assert len(state.vehicles) == traffic.devices + traffic.cars


def test_the_same_seed_drives_the_same_way(network: Network, links: Links) -> None:
    one, other, third = (driven(network, links, 300, seed) for seed in (4, 4, 5))
    assert one.shown.along.tobytes() == other.shown.along.tobytes()
    assert one.flow().lost.tobytes() == other.flow().lost.tobytes()
    assert one.shown.along.tobytes() != third.shown.along.tobytes()


def test_nobody_with_a_device_is_too_fast_for_the_gate(network: Network, links: Links) -> None:
    """A bus tells where it is every five seconds, and is believed up to 35 m/s."""
    street = Street(links)
    traffic = Traffic(network, street, np.ones(BUSES, dtype=bool), 2, EIGHT)
    before = np.array(street.place(traffic.shown.link, traffic.shown.along)[:2])
    for now in np.arange(EIGHT + STEP, EIGHT + 900, STEP):
        traffic.step(float(now), 0.0)
        after = np.array(street.place(traffic.shown.link, traffic.shown.along)[:2])
        assert np.hypot(*(after - before)).max() < 35 * STEP
        before = after


def world(network: Network, links: Links) -> World:
    buses = [Thing(f"B-{n}", "bus", 0.0, 0.0) for n in range(BUSES)]
    x, y = lit_roads().nodes[0]
    ambulance = Thing("A-1", "ambulance", float(x), float(y))
    watched = {f"VDS-{n}": link_key(n) for n in range(len(links.begin))}
    plain = Setting(links, [ambulance], buses, [], [(float(x), float(y))])
    return World(replace(plain, network=network, watched=watched), 1, EIGHT)


def test_detectors_count_what_passes(network: Network, links: Links) -> None:
    lived = world(network, links)
    detectors = Detectors(lived, 1)
    assert lived.traffic is not None
    before = lived.traffic.flow().entered.sum()
    said = []
    for _ in range(360):
        lived.step(lived.now + 5)
        said += list(detectors.look())
    counts = [fact for one in said if one.what == "counts" for fact in one.facts]
    passed = lived.traffic.flow().entered.sum() - before
    assert 0.85 * passed < sum(fact["count"] for fact in counts) < passed
    speeds = [f["value"] for one in said for f in one.facts if f["channel"] == "speed"]
    assert 5 < np.mean(speeds) < 60
    assert len({(one.device, one.what, one.facts[0]["t"]) for one in said}) == len(said)
    assert all(json.loads(one.payload()) for one in said), "it can be sent as it is"
