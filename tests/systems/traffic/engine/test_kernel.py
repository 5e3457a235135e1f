"""The kernel: nobody is lost, no lane holds more than it can, no red is passed, and it comes near SUMO."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from bench import traffic_city, traffic_models, traffic_scores, traffic_sumo
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.systems.traffic.engine import kernel_state as states
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.draft import Draft, DraftLink
from madang.systems.traffic.engine.kernel import BadDemandError, Simulation, demand
from madang.systems.traffic.engine.kernel_drivers import Kind, drivers
from madang.systems.traffic.engine.kernel_step import advance
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.repair import repair
from madang.systems.traffic.engine.signals import Light
from madang.systems.traffic.sources.sumo import read_net
from systems.traffic.micro_support import filled, middle
from systems.traffic.streets import crossing_file, grid, side_street, three_ways

MINUTE = 60.0


@pytest.fixture(scope="module")
def blocks() -> Network:
    return build(repair(grid(4, 4))[0])


@pytest.fixture
def crossing(tmp_path) -> Network:
    return build(repair(read_net(crossing_file(tmp_path)))[0])


def crowd(network: Network, vehicles: int, seed: int, within: int = 300) -> states.Demand:
    found = traffic_city.journeys(network, vehicles, 0, within, seed)
    number = {name: n for n, name in enumerate(network.edges.ids)}
    routes = [[number[name] for name in each.route] for each in found]
    return demand(network, [each.at for each in found], routes)


def bits(simulation: Simulation) -> list[bytes]:
    return [column.tobytes() for column in (*simulation.state, *simulation.counted)]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), vehicles=st.integers(1, 1500))
def test_nobody_is_lost_and_no_lane_holds_more_than_its_room(blocks, seed, vehicles):
    simulation = Simulation(blocks, crowd(blocks, vehicles, seed), end=1800, interval=60, seed=seed)
    before = np.zeros(vehicles)
    while simulation.clock < 1800:
        simulation.run(simulation.clock + MINUTE)
        check_lanes(simulation, vehicles)
        since = simulation.state.vehicles["since"]
        assert (since >= before).all()  # time never runs back
        before = since.copy()
    people = simulation.state.vehicles
    assert (people["arrive"] >= people["depart"]).all()


def check_lanes(simulation: Simulation, vehicles: int) -> None:
    state, roads = simulation.state, simulation.given.roads
    where = np.bincount(state.vehicles["where"], minlength=5)
    lanes = state.lanes
    assert where.sum() == vehicles
    assert (lanes["tail"] - lanes["head"]).sum() == where[states.ON_A_LANE]
    assert state.turns["waiting"].sum() == where[states.IN_A_CROSSING]
    here = lanes["tail"] > lanes["head"]
    first = lanes["ring"][here] + lanes["head"][here] % roads.lanes["places"][here]
    assert (lanes["first"][here] == state.places["vehicle"][first]).all()
    assert (lanes["first"][~here] == states.NONE).all()
    inside = np.zeros(len(roads.edges))
    np.maximum.at(inside, roads.turns["to_edge"], roads.turns["length"])
    room = (roads.edges["length"] + inside)[roads.lanes["edge"]]
    gap = simulation.given.drivers.room.max() - simulation.given.drivers.length.min()
    assert (lanes["used"] <= room + gap + 1e-6).all()
    assert (lanes["tail"] - lanes["gone"] <= roads.lanes["places"]).all()


def test_plans_change_at_their_time_however_long_the_steps_are():
    """A lane that has emptied is not looked at when the light changes: it would never end."""
    district, turnover = middle(), 36_000.0
    apart, at_once = (filled(district, 400, 7, turnover - 400, turnover + 200) for _ in range(2))
    before = at_once.state.signals["plan"].copy()
    at_once.run(turnover + 200)
    while apart.clock < turnover + 200:
        apart.run(apart.clock + 1)
    signals = district.network.signals
    now = [signals.plan_at(s, turnover + 200, 0) for s in range(len(signals))]
    assert at_once.state.signals["plan"].tolist() == now
    assert (before != now).any()
    assert bits(at_once) == bits(apart)


def test_no_vehicle_passes_a_red(crossing):
    number = {name: n for n, name in enumerate(crossing.edges.ids)}
    ways = [("in_s", "out_n"), ("in_s", "out_e"), ("in_w", "out_n")]
    routes = [[number[a], number[b]] for a, b in ways * 60]
    simulation = Simulation(crossing, demand(crossing, np.arange(180.0) * 3, routes), end=900)
    passed = 0
    for second in range(900):
        before = simulation.state.vehicles[["lane", "turn", "at"]].copy()
        simulation.run(second + 1.0)
        after = simulation.state.vehicles
        for gone in np.flatnonzero((after["at"] > before["at"]) & (before["turn"] >= 0)):
            column = simulation.given.roads.turns["column"][before["turn"][gone]]
            light = simulation.state.columns[column]
            assert light["light"] != Light.RED
            assert light["light"] != Light.AMBER or second - light["since"] < 3
            passed += 1
    assert passed == 180


def test_the_same_seed_gives_the_same_bits_on_one_thread_and_on_two(blocks):
    def run(_: int) -> list[bytes]:
        simulation = Simulation(blocks, crowd(blocks, 800, 3), end=1200, seed=3)
        simulation.run(1200)
        return bits(simulation)

    alone = run(0)
    with ThreadPoolExecutor(2) as pool:
        assert all(found == alone for found in pool.map(run, range(2)))


def test_whole_seconds_are_not_compiled_for_anew(blocks):
    """It took eight seconds of a city's first run."""
    Simulation(blocks, crowd(blocks, 20, 3), end=60.0, interval=60.0).run(10.0)
    known = len(advance.signatures)
    Simulation(blocks, crowd(blocks, 20, 3), begin=0, end=60, interval=60).run(10)
    assert len(advance.signatures) == known


def test_a_fork_has_the_same_future_and_its_own_changes(blocks):
    simulation = Simulation(blocks, crowd(blocks, 800, 5), end=1200)
    simulation.run(240)
    twin, other = simulation.fork(), simulation.fork()
    other.close(0)
    for each in (simulation, twin, other):
        each.run(1200)
    assert bits(simulation) == bits(twin)
    assert bits(simulation) != bits(other)


def test_a_closed_street_lets_nobody_in_and_a_limit_slows(blocks):
    busiest = int(np.bincount(crowd(blocks, 800, 5).route_edges).argmax())
    closed, slow, plain = (Simulation(blocks, crowd(blocks, 800, 5), end=1200) for _ in range(3))
    closed.close(busiest)
    slow.limit(busiest, 3.0)
    for each in (closed, slow, plain):
        each.run(1200)
    assert closed.observed().entered[:, busiest].sum() == 0
    assert closed.queues().present.sum() > 0  # who had to pass there waits, and says so
    mean = [
        s.observed().present[0, busiest] / s.observed().entered[0, busiest] for s in (slow, plain)
    ]
    assert mean[0] > 2 * mean[1]


def test_vehicles_are_drawn_on_their_streets_and_not_on_top_of_each_other(blocks):
    simulation = Simulation(blocks, crowd(blocks, 1200, 5), end=1200)
    simulation.run(300)
    seen = simulation.positions()
    assert len(seen.vehicle) > 100
    assert (seen.along >= 0).all()
    assert (seen.along <= blocks.edges.length[seen.edge] + 1e-9).all()
    assert (seen.x >= -10).all()
    assert (seen.x <= 620).all()


@pytest.mark.parametrize(
    ("depart", "route", "what"),
    [
        (np.nan, [0], "departure-not-a-number"),
        (0.0, [], "route-empty"),
        (0.0, [10_000], "edge-unknown"),
        (0.0, [0, 0], "no-turn-there"),
    ],
)
def test_demand_that_cannot_be_driven_is_refused_with_its_vehicle(blocks, depart, route, what):
    with pytest.raises(BadDemandError) as refused:
        demand(blocks, [0.0, depart], [[0], route])
    assert (refused.value.what, refused.value.vehicle) == (what, 1)


def test_a_queue_starts_as_fast_as_passenger_cars_do():
    """SUMO's passenger car passes a stop line at about 1,800 an hour at 50 km/h (HCM: 1,900)."""
    table = drivers([Kind()])
    assert 1700 < 3600 / table.headway[0, 14] < 2000
    assert (np.diff(table.crossing[0, 14]) > 1).all()


@pytest.mark.parametrize(
    ("main", "minor", "least", "most"),
    [
        ("w>c c>e", "s>c c>e", 1.3, 2.6),  # joins: SUMO lets 1.95 in
        ("w>c c>e", "s>c c>w", 3.3, 4.9),  # crosses: SUMO lets 4.09 over
        ("e>c c>w", "s>c c>w", 1.3, 2.6),  # joins from the far side: SUMO 2.08
    ],
)
def test_who_joins_a_lane_needs_a_longer_gap_than_who_crosses_it(main, minor, least, most):
    """How many of a full side street go between two cars that come 15 s apart at 50 km/h."""
    network = build(repair(side_street())[0])
    number = {name: n for n, name in enumerate(network.edges.ids)}
    leave = [15.0 * n for n in range(240)] + [2.0 * n for n in range(1800)]
    ways = [main] * 240 + [minor] * 1800
    routes = [[number[name] for name in way.split()] for way in ways]
    simulation = Simulation(network, demand(network, leave, routes), end=3600, interval=3600)
    simulation.run(3600)
    gone = np.isfinite(simulation.travel_times()[240:]).sum() / 240
    assert least < gone < most


@pytest.mark.skipif(importlib.util.find_spec("sumo") is None, reason="SUMO is not installed")
def test_it_comes_nearer_to_sumo_than_sumos_mesoscopic_model_on_a_congested_grid(tmp_path):
    path = traffic_city.grid(4, 4, tmp_path, every=1)
    network = traffic_city.network_of(path)
    case = traffic_city.case("grid", path, network, 1100, 15, seed=1)
    roads = traffic_models.roads(network)
    truth = traffic_sumo.run(case, tmp_path, meso=False)
    meso = traffic_scores.score(case, roads, truth, traffic_sumo.run(case, tmp_path, meso=True))
    ours = traffic_scores.score(case, roads, truth, traffic_models.kernel(case, network))
    assert ours.good >= 0.85
    assert abs(ours.arrived) < 0.05
    assert ours.trips < meso.trips
    assert ours.queues < meso.queues


def test_who_has_arrived_drives_again_and_nobody_is_lost(blocks):
    simulation = Simulation(blocks, crowd(blocks, 300, 8), end=1e6, interval=1e6, seed=8)
    again = crowd(blocks, 300, 9)
    ways = np.split(again.route_edges, again.route_first[1:-1])
    entered = 0
    for _ in range(20):
        simulation.run(simulation.clock + MINUTE)
        people = simulation.state.vehicles
        done = np.flatnonzero(people["where"] == states.ARRIVED)
        soon = simulation.clock + np.arange(len(done)) / 10
        simulation.send(done, soon, [ways[who].tolist() for who in done])
        entered += len(done)
        check_lanes(simulation, 300)
        assert simulation.state.vehicles["end"].max(initial=0) <= len(simulation.state.routes)
    assert entered > 300
    simulation.run(simulation.clock + 3600)
    assert (simulation.state.vehicles["where"] == states.ARRIVED).all()


def test_the_way_on_is_known_at_every_place_of_a_route(blocks):
    """Also after some were sent anew: a turn that is told leads to the next street, by the lanes told."""
    simulation = Simulation(blocks, crowd(blocks, 50, 3), end=1e6, interval=1e6)
    simulation.run(400)
    done = np.flatnonzero(simulation.state.vehicles["where"] == states.ARRIVED)
    again = crowd(blocks, len(done), 4)
    ways = np.split(again.route_edges, again.route_first[1:-1])
    simulation.send(done, [500.0] * len(done), [way.tolist() for way in ways])
    state, turns = simulation.state, blocks.turns
    for one in state.vehicles:
        for at in range(one["at"], one["end"] - 1):
            here, there = state.routes[at : at + 2]
            led = [t for t in range(turns.first[here], turns.first[here + 1])
                   if turns.to_edge[t] == there]  # fmt: skip
            way = state.ways[at]
            assert way["onward"] == np.bitwise_or.reduce(turns.from_lanes[led])
            assert way["turn"] == (led[0] if len(led) == 1 else states.NONE)
            assert way["soon"] & way["onward"] == way["soon"] != 0
            assert way["later"] & way["soon"] == way["later"] != 0


def test_nobody_is_sent_off_who_is_on_the_street(blocks):
    simulation = Simulation(blocks, crowd(blocks, 50, 8, within=5), end=1200)
    simulation.run(20)
    driving = int(np.flatnonzero(simulation.state.vehicles["where"] == states.ON_A_LANE)[0])
    with pytest.raises(BadDemandError, match="vehicle-on-the-street"):
        simulation.send([driving], [30.0], [[0]])
    with pytest.raises(BadDemandError, match="lengths-differ"):
        simulation.send([], [30.0], [[0]])


def three_lanes(ways: str, draft: Draft | None = None) -> Simulation:
    """Vehicles one second apart to the right, straight on (t) and to the left, as the letters say."""
    network = build(repair(draft or three_ways())[0])
    number = {name: n for n, name in enumerate(network.edges.ids)}
    routes = [[number[name] for name in ("a>b", "b>c", f"c>{way}")] for way in ways]
    return Simulation(network, demand(network, np.arange(len(ways)), routes), end=7200)


def stray(simulation: Simulation) -> int:
    """How many stand in a lane of the second street that does not lead on; the kernel has counted as many."""
    people, roads = simulation.state.vehicles, simulation.given.roads
    here = people[(people["where"] == states.ON_A_LANE) & (people["turn"] != states.NONE)]
    slot = here["lane"] - roads.edges["first_lane"][roads.lanes["edge"][here["lane"]]]
    found = int((roads.turns["from_lanes"][here["turn"]] >> slot & 1 == 0).sum())
    assert simulation.state.edges["astray"].sum() == found
    return found


def test_who_finds_their_lane_full_waits_in_another_with_those_behind():
    draft = three_ways()
    draft.edges[0].lanes = 1
    draft.links = [DraftLink("a>b", "b>c", 0, 0), *(draft.links or [])[3:]]
    simulation = three_lanes("l" * 60 + "t" * 20, draft)
    ids = simulation.given.network.edges.ids
    simulation.close(ids.index("c>l"))
    simulation.run(150)
    check_lanes(simulation, 80)
    assert stray(simulation) > 0
    through = simulation.state.vehicles["where"][60:]
    assert (through != states.ARRIVED).any(), "who goes straight on stands behind"
    simulation.open(ids.index("c>l"))
    simulation.run(1200)
    assert stray(simulation) == 0
    assert (simulation.state.vehicles["where"] == states.ARRIVED).all()


def test_who_comes_by_the_lane_that_leads_on_waits_in_it_for_room():
    simulation = three_lanes("lt" * 40)
    ids = simulation.given.network.edges.ids
    simulation.close(ids.index("c>l"))
    simulation.run(400)
    check_lanes(simulation, 80)
    assert stray(simulation) == 0
    where = simulation.state.vehicles["where"]
    assert (where[1::2] == states.ARRIVED).all(), "who goes straight on goes by them"
    assert (where[::2] != states.ARRIVED).all()


@settings(max_examples=8, deadline=None)
@given(ways=st.text("rtl", min_size=100, max_size=300), closed=st.sampled_from("rtl"))
def test_three_lanes_whose_firsts_want_each_others_do_not_lock(ways, closed):
    simulation = three_lanes(ways)
    edge = simulation.given.network.edges.ids.index(f"c>{closed}")
    simulation.close(edge)
    simulation.run(300)
    check_lanes(simulation, len(ways))
    simulation.open(edge)
    while simulation.clock < 1800:
        simulation.run(simulation.clock + MINUTE)
        check_lanes(simulation, len(ways))
        stray(simulation)
    assert (simulation.state.vehicles["where"] == states.ARRIVED).all()


def test_who_stands_too_long_gives_up_and_lets_the_others_go(crossing):
    number = {name: n for n, name in enumerate(crossing.edges.ids)}
    routes = [[number["in_s"], number["out_n"]]] * 30
    simulation = Simulation(crossing, demand(crossing, np.arange(30.0), routes), end=3600)
    simulation.close(number["out_n"])
    simulation.run(600)
    gone: set[int] = set()
    for _ in range(100):
        gone |= set(simulation.give_up(120).tolist())
        simulation.run(simulation.clock + 60)
        check_lanes(simulation, 30)
    assert len(gone) == 30
    assert (simulation.state.vehicles["where"] == states.ARRIVED).all()


def test_nobody_gives_up_in_a_queue_that_moves(crossing):
    number = {name: n for n, name in enumerate(crossing.edges.ids)}
    routes = [[number["in_w"], number["out_n"]]] * 300
    simulation = Simulation(crossing, demand(crossing, np.arange(300.0), routes), end=1800)
    longest = 0.0
    for second in range(10, 1500, 10):
        simulation.run(second)
        assert not len(simulation.give_up(50)), "each green lets somebody go"
        people = simulation.state.vehicles
        waits = people["where"] == states.ON_A_LANE
        waited = simulation.clock - people["arrive"][waits]
        longest = max(longest, float(waited.max(initial=0.0)))
    assert longest > 50, "though whole queues wait for longer"


def test_who_hears_of_a_closed_street_drives_around_it(blocks):
    ids = {name: n for n, name in enumerate(blocks.edges.ids)}
    straight = [ids[key] for key in ("0,1>1,1", "1,1>2,1", "2,1>3,1")]
    around = [ids[key] for key in ("0,1>1,1", "1,1>1,2", "1,2>2,2", "2,2>2,1", "2,1>3,1")]
    simulation = Simulation(blocks, demand(blocks, [0.0, 0.0], [straight, straight]), end=900)
    simulation.run(5)
    simulation.close(straight[1])
    lanes = [{int(turn) for turn in simulation.turns_from(who)} for who in (0, 1)]
    able = [
        who for who in (0, 1) if any(blocks.turns.to_edge[turn] == around[1] for turn in lanes[who])
    ]
    assert able, "the streets have a lane from which both ways are open"
    simulation.reroute(able, [around] * len(able))
    simulation.run(800)
    where = simulation.state.vehicles["where"]
    assert [where[who] for who in able] == [states.ARRIVED] * len(able)
    assert simulation.observed().entered[:, around[2]].sum() == len(able)
    turned = simulation.observed().turned.sum(axis=0)
    assert turned.sum() == 4 * len(able)
    with pytest.raises(BadDemandError, match="vehicle-not-on-that-street"):
        simulation.reroute(able[:1], [around])
    with pytest.raises(BadDemandError, match="lengths-differ"):
        simulation.reroute([0, 0], [around])
