"""Traffic of the demo's world: it goes on for hours, the same for the same seed, and detectors see it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from fixtures.lit_streets import lit_roads
from madang.demo.city.signals import link_key, node_key, street_network
from madang.demo.devices.controllers import Controllers
from madang.demo.devices.detectors import Detectors
from madang.demo.devices.messages import Message
from madang.demo.devices.sections import Sections
from madang.demo.devices.smart_crossings import SmartCrossings
from madang.demo.world.scenario import Event, ScenarioError
from madang.demo.world.street import Links, Street
from madang.demo.world.traffic import Traffic
from madang.demo.world.world import Setting, Thing, World
from madang.systems.traffic.domain.days import HOLIDAY, day_type
from madang.systems.traffic.domain.networks import make
from madang.systems.traffic.engine.kernel import Simulation, demand
from madang.systems.traffic.engine.kernel_state import ON_A_LANE
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.running import CLEARS, running

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


@pytest.mark.parametrize("begins", [0.0, 0.739])
def test_plans_change_at_their_times_however_the_steps_lie(network: Network, begins: float) -> None:
    seven = 7 * 3600.0
    nobody = demand(network, [], [])
    whole, fine = (Simulation(network, nobody, begin=seven - 3 + begins) for _ in range(2))
    before = whole.state.signals["plan"].copy()
    whole.run(seven + 10)
    for second in range(-2, 11):
        fine.run(seven + second + begins)
    for each in (whole, fine):
        assert (each.state.signals["plan"] == before + 1).all(), "the plan of the rush hour"


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


def world(
    network: Network, links: Links, events: Sequence[Event] = (), **posts: dict[str, str]
) -> World:
    buses = [Thing(f"B-{n}", "bus", 0.0, 0.0) for n in range(BUSES)]
    x, y = lit_roads().nodes[0]
    ambulance = Thing("A-1", "ambulance", float(x), float(y))
    watched = {f"VDS-{n}": link_key(n) for n in range(len(links.begin))}
    plain = Setting(links, [ambulance], buses, [], [(float(x), float(y))])
    whole = replace(plain, network=network, watched=watched, posts=posts)
    return World(whole, 1, EIGHT, events)


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


def went(lived: World, seconds: float, *looks: Any) -> list[Message]:
    """What the devices said while the world went on."""
    said: list[Message] = []
    for now in np.arange(lived.now + 1, lived.now + seconds + 1):
        lived.step(float(now))
        said += [message for each in looks for message in each.look()]
    return said


def test_a_closed_road_is_driven_around_until_it_opens(network: Network, links: Links) -> None:
    busy = busiest(network, links)
    lived = world(network, links, [Event(60, "closure", road=link_key(busy), seconds=1200)])
    detectors = Detectors(lived, 1)
    assert lived.traffic is not None
    counts = []
    for seconds in (70, 300, 800, 200, 600):
        said = went(lived, seconds, detectors)
        mine = [one for one in said if one.device == f"VDS-{busy}" and one.what == "counts"]
        counts.append(sum(fact["count"] for one in mine for fact in one.facts))
    _, _, closed, _, after = counts
    assert closed == 0, "nobody enters"
    assert after > 0, "it is driven again"
    assert lived.traffic.turned_away > 0
    assert_nobody_is_lost(lived.traffic)


def test_an_accident_takes_a_lane_slows_who_passes_and_calls_for_help(
    network: Network, links: Links
) -> None:
    busy = busiest(network, links)
    event = Event(10, "accident", road=link_key(busy), seconds=600)
    lived, calm = world(network, links, [event]), world(network, links)
    before = []
    for each in (lived, calm):
        went(each, 20)
        before.append(each.traffic.flow() if each.traffic else None)
        went(each, 480)
    assert lived.traffic is not None
    assert calm.traffic is not None
    edge = lived.traffic.edge_of[link_key(busy)]
    assert lived.traffic.speed()[edge] == pytest.approx(20 / 3.6)
    lanes = lived.traffic._simulation.state.lanes["open"][
        lived.traffic._simulation._lanes(edge, None)
    ]
    assert lanes.tolist() == [1] * (len(lanes) - 1) + [0]
    flows = [each.traffic.flow() for each in (lived, calm) if each.traffic]
    slow, free = (
        (now.present - then.present)[edge] / (now.entered - then.entered)[edge]
        for now, then in zip(flows, before, strict=True)
        if then
    )
    assert slow > 1.3 * free, "who passes takes longer"
    assert any(duty.mission for duty in lived.missions.duty.values())
    went(lived, 200)
    assert lived.traffic.speed()[edge] == network.edges.speed[edge]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(1, "limit", 30, road="nowhere"), "does not have"),
        (Event(1, "closure", road=link_key(0), lanes=40), "takes 40 lanes"),
    ],
)
def test_an_event_on_no_road_is_refused(
    network: Network, links: Links, event: Event, said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        world(network, links, [event])


def test_others_make_way_for_who_hurries(network: Network, links: Links) -> None:
    """It passes queues in less time than others take there; meanwhile nobody drives in before it."""
    lived = world(network, links)
    went(lived, 600)
    traffic, fleet = lived.traffic, lived.fleet
    assert traffic is not None
    before = traffic.flow()
    way = [n for n in range(len(links.begin)) if links.begin[n] == node_key(10)][:1]
    while len(way) < 9:  # on and on through the middle street, straight if that can be
        node = links.end[way[-1]]
        onward = [n for n in range(len(links.begin)) if links.begin[n] == node]
        way.append(max(onward, key=lambda n: (n not in way, links.end[n] != links.begin[way[-1]])))
    edges = np.array([traffic.edge_of[link_key(n)] for n in way])
    link_of = [lived.street.keys.index(link_key(n)) for n in way]
    fleet.link[0], fleet.along[0] = link_of[0], lived.street.length[link_of[0]] - 1
    fleet.send(0, np.array(link_of[1:]), hurry=True)
    began, entered = lived.now, 0
    while fleet.ways.get(0) is not None and lived.now - began < 900:
        here, along, then = int(fleet.link[0]), float(fleet.along[0]), fleet.next_link(0)
        flow = traffic.flow().entered
        went(lived, 1)
        if then >= 0 and along > lived.street.length[here] - 60 and fleet.link[0] == here:
            ahead = traffic.edge_of[lived.street.keys[then]]
            entered += int((traffic.flow().entered - flow)[ahead])
    took = lived.now - began
    went(lived, 300)
    now = traffic.flow()
    passed = np.maximum((now.entered - before.entered)[edges[1:]], 1)
    others = ((now.present - before.present)[edges[1:]] / passed).sum()
    assert took < 0.7 * others
    assert entered <= 1, "who was inside a crossing drives on"
    assert not traffic._kept_free
    assert_nobody_is_lost(traffic)


def busiest(network: Network, links: Links) -> int:
    """A road between two crossings of the middle."""
    traffic = driven(network, links, 10)
    entered = traffic.flow().entered
    inner = [n for n in range(len(links.begin)) if entered[traffic.edge_of[link_key(n)]] > 0]
    return max(inner, key=lambda n: entered[traffic.edge_of[link_key(n)]])


def test_smart_crossings_tell_who_turned_where(network: Network, links: Links) -> None:
    nodes = [one.key for one in network.signals.controllers]
    posts = {f"SMART-{n}": node for n, node in enumerate(nodes)}
    lived = world(network, links, smart_crossing=posts)
    crossings = SmartCrossings(lived, 3)
    assert lived.traffic is not None
    lit = np.flatnonzero(network.turns.signal >= 0)
    before = lived.traffic.turned()[lit].sum()
    said = went(lived, 1200, crossings)
    passed = lived.traffic.turned()[lit].sum() - before
    assert {one.device for one in said} == set(posts)
    counted = [fact for one in said for fact in one.facts]
    assert 0.6 * passed < sum(fact["count"] for fact in counted) < passed
    ways = {fact["channel"].rsplit("_", 1)[1] for fact in counted}
    assert ways == {"left", "through", "right"}
    assert all(240 < fact["seconds"] <= 301 for one in said[len(posts) :] for fact in one.facts)


def test_sections_tell_how_long_they_take_and_of_how_many(network: Network, links: Links) -> None:
    ends = [("N000011", "N000013"), ("N000013", "N000015"), ("N000015", "N000011")]
    posts = {f"DSRC-{n}": f"{a}>{b}" for n, (a, b) in enumerate(ends)}
    lived = world(network, links, travel_time_section=posts)
    said = went(lived, 1800, Sections(lived, 1))
    counts = [fact for one in said if one.what == "counts" for fact in one.facts]
    read, matched = (
        sum(fact["count"] for fact in counts if fact["channel"] == channel)
        for channel in ("read", "matched")
    )
    assert 0 < matched < read
    times = [f["value"] for one in said if one.what == "readings" for f in one.facts]
    free = 2 * 260 / (60 / 3.6)
    assert times
    assert free * 0.7 < min(times) < max(times) < 900


def test_controllers_report_the_phase_that_runs(network: Network, links: Links) -> None:
    nodes = [one.key for one in network.signals.controllers]
    posts = {f"SIGNAL-{n}": node for n, node in enumerate(nodes)}
    lived = world(network, links, signal_controller=posts)
    controllers = Controllers(lived, 1)
    controllers._stuck[:] = False
    said: dict[tuple[str, str], str] = {}
    assert lived.traffic is not None
    for message in went(lived, 240, controllers):
        for fact in message.facts:
            if message.what == "states":
                said[message.device, fact["name"]] = fact["value"]
    plans = lived.traffic.plans()
    heard = 0
    for n, controller in enumerate(network.signals.controllers):
        program = controller.programs[int(plans[n]) - int(network.signals.plan_first[n])]
        now = running(program, lived.traffic.clock)
        heard += said.get((f"SIGNAL-{n}", "phase")) == (CLEARS if now.clears else now.names)
        assert said.get((f"SIGNAL-{n}", "plan"), program.key) == program.key
    assert heard > 0.8 * len(nodes), "some words are lost, lines fail"


def test_holidays_and_rain_change_how_many_drive(network: Network, links: Links) -> None:
    traffic = driven(network, links, 10)
    assert day_type(date(2026, 9, 25)) == HOLIDAY, "추석"
    assert day_type(date(2026, 11, 20)) == 4
    noon = EIGHT + 4 * 3600
    saturday, sunday = (traffic.wanted(noon + days * 86_400) for days in (1, 2))
    assert sunday < saturday < traffic.cars
    dry = traffic.wanted(EIGHT)
    traffic._wet = True
    assert traffic.wanted(EIGHT) > dry
    assert traffic.wanted(noon + 2 * 86_400) < sunday
