"""The microscopic window's parts: the cut, what comes in, the hand-over, SUMO with what it is handed."""

from __future__ import annotations

import asyncio
import importlib.util
import math
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.systems.emergency.public import Hurrying
from madang.systems.traffic.engine.approaches import turns_by_way
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode
from madang.systems.traffic.engine.kernel import Simulation
from madang.systems.traffic.engine.network import Direction, Network
from madang.systems.traffic.engine.repair import repair
from madang.systems.traffic.engine.signals import LETTERS, Clearance, Controller, Phase, Program
from madang.systems.traffic.micro import export, inflow
from madang.systems.traffic.micro.district import District, cut
from madang.systems.traffic.micro.handover import CAR, FIRST_M, Handover, Placed, hand_over
from madang.systems.traffic.micro.hurrying import Blue, blues
from madang.systems.traffic.micro.plans import Said, as_said
from madang.systems.traffic.micro.pockets import whole
from madang.systems.traffic.micro.refusal import WindowRefusal
from madang.systems.traffic.micro.sumo import Frame, Frames, Sumo, SumoEndedError
from madang.systems.traffic.sources.sumo import read_net
from systems.traffic.micro_support import BEGIN, MIDDLE, middle, running, town, with_pockets
from systems.traffic.streets import crossing_file, grid

needs_sumo = pytest.mark.skipif(
    importlib.util.find_spec("sumo") is None,
    reason="SUMO is not installed: pip install eclipse-sumo",
)


@pytest.fixture(scope="module")
def district() -> District:
    return middle()


def turns_of(network: Network) -> dict[tuple[str, str, int], tuple[int, int, int]]:
    """By the names of both edges and the column: lanes before and behind, direction."""
    turns, ids = network.turns, network.edges.ids
    return {
        (ids[turns.from_edge[t]], ids[turns.to_edge[t]], int(turns.column[t])): (
            int(turns.from_lanes[t]),
            int(turns.to_lanes[t]),
            int(turns.direction[t]),
        )
        for t in range(len(turns))
    }


def test_a_district_has_its_crossings_whole_and_ends_where_streets_lead_out(
    district: District,
) -> None:
    city, part = build(town()), district.network
    near = np.hypot(city.nodes.x - MIDDLE[0], city.nodes.y - MIDDLE[1]) <= 300
    inside = {key for key, here in zip(city.nodes.ids, near, strict=True) if here}
    assert len(inside) == 5
    ends = {
        key: (city.nodes.ids[a], city.nodes.ids[b])
        for key, a, b in zip(city.edges.ids, city.edges.from_node, city.edges.to_node, strict=True)
    }
    assert set(part.edges.ids) == {key for key, pair in ends.items() if inside & set(pair)}
    everywhere, here = turns_of(city), turns_of(part)
    assert here == {key: turn for key, turn in everywhere.items() if ends[key[0]][1] in inside}
    entering = {key for key, (a, b) in ends.items() if a not in inside and b in inside}
    assert {part.edges.ids[e] for e in district.entries} == entering
    assert {part.edges.ids[e] for e in district.exits} == {
        key for key, (a, b) in ends.items() if a in inside and b not in inside
    }
    assert len(part.signals) == 5


def test_a_network_that_knows_no_movements_is_cut_too() -> None:
    draft = repair(grid(5, 5))[0]
    found = cut(draft, 400.0, 400.0, 210.0)
    assert len(found.entries) == len(found.exits) == 8 + 4 - 4 + 4
    with pytest.raises(WindowRefusal) as refused:
        cut(draft, 9_000.0, 400.0, 210.0)
    assert refused.value.code == "no-streets"


def test_what_is_not_counted_is_assumed_by_rank_and_said_to_be(district: District) -> None:
    network = district.network
    entries = [network.edges.ids[e] for e in district.entries]
    measured = {entries[0]: 400.0}
    expected = inflow.volumes(network, measured, inflow.usual(network, measured))
    coming = inflow.inflows(district, expected, measured)
    assert [each.measured for each in coming] == [True] + [False] * (len(coming) - 1)
    assert coming[0].volume == 400
    lanes = network.edges.lanes
    first = coming[0].edge
    for each in coming:
        assert each.volume == pytest.approx(400 / lanes[first] * lanes[each.edge])
    nobody = inflow.inflows(district, inflow.volumes(network, {}, {}), {})
    assert {each.volume for each in nobody} == {None}


def test_as_many_come_as_are_counted_and_all_can_drive_their_way(district: District) -> None:
    expected = np.full(len(district.network.edges), 300.0)
    coming = inflow.inflows(district, expected, {})
    demand = inflow.arrivals(district, inflow.Coming(coming, expected), BEGIN, BEGIN + 3600, seed=3)
    wanted = 300 * len(coming)
    assert len(demand.depart) == pytest.approx(wanted, abs=4 * wanted**0.5)
    last = demand.route_edges[demand.route_first[1:] - 1]
    assert np.isin(last, district.exits).mean() > 0.99
    again = inflow.arrivals(district, inflow.Coming(coming, expected), BEGIN, BEGIN + 3600, seed=3)
    assert again.route_edges.tobytes() == demand.route_edges.tobytes()


def on_streets(simulation: Simulation) -> np.ndarray:
    """The kernel's own count by street; who waits within a crossing on the street before it."""
    network = simulation.given.network
    lanes, found = simulation.state.lanes, np.zeros(len(network.edges), int)
    np.add.at(found, lanes["edge"], lanes["tail"] - lanes["head"])
    for turn, waiting in enumerate(simulation.state.turns["waiting"].tolist()):
        found[network.turns.from_edge[turn]] += waiting
    return found


def test_pockets_are_lanes_of_their_own_before_the_stop_line(district: District) -> None:
    """Who turns does it from them; who goes on has the lanes that they had, and the cut stays the same."""
    plain, wide = district.network, cut(with_pockets(town()), *MIDDLE, 300).network
    ids = plain.edges.ids
    assert [key for key in wide.edges.ids if whole(key) == key] == list(ids)
    ends = [e for e, key in enumerate(wide.edges.ids) if whole(key) != key]
    assert len(ends) == sum(
        int(plain.turns.first[e + 1] > plain.turns.first[e]) for e in range(len(ids))
    )
    lanes = dict(zip(ids, plain.edges.lanes.tolist(), strict=True))
    length = dict(zip(ids, plain.edges.length.tolist(), strict=True))
    for end in ends:
        key = whole(wide.edges.ids[end])
        before = wide.edges.ids.index(key)
        assert wide.edges.lanes[end] == lanes[key] + 2
        assert wide.edges.length[end] + wide.edges.length[before] == pytest.approx(length[key])
        assert wide.edges.length[end] == 45
    for turn in range(len(wide.turns)):
        before = int(wide.turns.from_edge[turn])
        if before not in ends:
            continue
        mask, top = int(wide.turns.from_lanes[turn]), int(wide.edges.lanes[before]) - 1
        way = Direction(wide.turns.direction[turn])
        if way in (Direction.LEFT, Direction.U_TURN):
            assert mask >> top & 1
        elif way is Direction.RIGHT:
            assert mask & 1
        else:
            assert not mask & 1
            assert not mask >> top & 1
    before = {
        (ids[a], ids[b]) for a, b in zip(plain.turns.from_edge, plain.turns.to_edge, strict=True)
    }
    names = wide.edges.ids
    now = {
        (whole(names[a]), names[b])
        for a, b in zip(wide.turns.from_edge, wide.turns.to_edge, strict=True)
    }
    assert {pair for pair in now if whole(pair[1]) == pair[1]} == before


def test_a_street_that_is_all_pocket_is_wider_from_its_beginning() -> None:
    draft = with_pockets(town(), metres=250.0)
    wide, plain = cut(draft, *MIDDLE, 300).network, cut(town(), *MIDDLE, 300).network
    assert wide.edges.ids == plain.edges.ids
    leads = np.diff(plain.turns.first) > 0
    assert (wide.edges.lanes - plain.edges.lanes == np.where(leads, 2, 0)).all()


def test_who_is_counted_to_turn_left_does(district: District) -> None:
    network, entry = district.network, int(district.entries[0])
    expected = np.full(len(network.edges), 300.0)
    coming = inflow.inflows(district, expected, {network.edges.ids[entry]: 300.0})
    coming = [each for each in coming if each.edge == entry]

    def lefts(turned: inflow.Turned) -> float:
        traffic = inflow.Coming(coming, expected, turned)
        demand = inflow.arrivals(district, traffic, BEGIN, BEGIN + 3600, seed=3)
        second = demand.route_edges[demand.route_first[:-1] + 1]
        own = turns_by_way(network, entry)["left"]
        return float(np.isin(second, network.turns.to_edge[own]).mean())

    counted = {"left": 270.0, "through": 20.0, "right": 10.0}
    assert lefts({}) < 0.6
    assert lefts({entry: counted}) == pytest.approx(0.9, abs=0.06)
    assert lefts({entry: dict.fromkeys(counted, 0.0)}) == lefts({}), "nobody was counted"


def test_controllers_have_the_last_word_on_their_plans(district: District) -> None:
    network = district.network
    first, signals = network.signals.plan_first, network.signals
    table = {s: int(first[s]) + 1 for s in range(len(signals))}
    cycle = float(signals.cycle[first[0]])
    said = {0: Said("1", 1000.0), 1: Said("no such plan"), 2: Said("2", None)}
    runs = as_said(network, table, said)
    assert runs.plan_of == table | {0: int(first[0])}
    assert runs.heard == {0, 2}
    run = runs.network.signals
    assert run.offset[first[0]] == pytest.approx(1000 % cycle)
    assert {run.plan_at(0, 3600 * h, day) for h in range(24) for day in range(8)} == {int(first[0])}
    assert run.plan_at(2, 8 * 3600, 0) == signals.plan_at(2, 8 * 3600, 0), "its table goes on"
    near = as_said(network, table, {0: Said("2", float(signals.offset[table[0]]) + 1.5)})
    assert near.network.signals.offset.tolist() == signals.offset.tolist(), "a late report"


@settings(max_examples=12, deadline=None)
@given(hourly=st.sampled_from([80, 500, 1500]), seed=st.integers(1, 10_000))
def test_counts_by_street_go_over_and_nobody_stands_where_there_is_no_room(
    district: District, hourly: int, seed: int
) -> None:
    simulation = running(district, hourly, seed)
    handed = hand_over(simulation)
    edges = district.network.edges
    given_over = np.bincount([one.route[0] for one in handed.placed], minlength=len(edges))
    kernel = on_streets(simulation)
    assert (given_over <= kernel).all()
    assert given_over.sum() + handed.left_out == kernel.sum()
    assert handed.left_out <= 0.02 * kernel.sum()
    lanes: dict[tuple[int, int], list[float]] = {}
    for one in handed.placed:
        assert 0 <= one.lane < edges.lanes[one.route[0]]
        assert FIRST_M - 1e-6 <= one.along <= edges.length[one.route[0]]
        assert 0 <= one.speed <= 1.5 * edges.speed[one.route[0]]
        lanes.setdefault((one.route[0], one.lane), []).append(one.along)
    for places in lanes.values():
        assert (np.diff(sorted(places)) >= CAR.room - 1e-6).all()
    known = {one.vehicle for one in handed.placed} | {one.vehicle for one in handed.coming}
    assert len(known) == len(handed.placed) + len(handed.coming)


def test_routes_go_on_from_where_everybody_is(district: District) -> None:
    simulation = running(district, 600, 5, later=300)
    handed = hand_over(simulation)
    assert handed.placed
    assert all(each.depart >= BEGIN for each in handed.coming)
    assert max(each.depart for each in handed.coming) > BEGIN + 200
    known = set(zip(*(getattr(district.network.turns, n).tolist() for n in ("from_edge", "to_edge")),
                    strict=True))  # fmt: skip
    for one in handed.placed:
        assert all(pair in known for pair in zip(one.route, one.route[1:], strict=False))


@needs_sumo
@pytest.mark.parametrize("made", ["town", "pockets", "crossing"])
def test_sumo_is_given_the_same_streets_lanes_and_lights(
    made: str, district: District, tmp_path: Path
) -> None:
    """Our arrays to SUMO's network and back."""
    network = district.network
    if made == "pockets":
        network = cut(with_pockets(town()), *MIDDLE, 300).network
    if made == "crossing":
        network = build(repair(read_net(crossing_file(tmp_path)))[0])
    plans = {s: int(network.signals.plan_first[s]) for s in range(len(network.signals))}
    net = export.street(network, plans, tmp_path)
    assert joined(net) == {
        each for t in range(len(network.turns)) for each in export.connections(network, t)
    }
    back = build(repair(read_net(net))[0])
    number = {f"e{n}": n for n in range(len(network.edges))}
    assert sorted(number) == sorted(back.edges.ids)
    mine = [number[key] for key in back.edges.ids]
    assert back.edges.lanes.tolist() == network.edges.lanes[mine].tolist()
    assert back.edges.length == pytest.approx(network.edges.length[mine], abs=0.01)
    assert back.edges.speed == pytest.approx(network.edges.speed[mine], abs=0.01)
    same = shown(network, plans, {n: n for n in range(len(network.edges))})
    theirs = {s: int(back.signals.plan_first[s]) for s in range(len(back.signals))}
    again = shown(back, theirs, dict(enumerate(mine)))
    lit = {key: lights for key, lights in same.items() if lights}
    assert {key: lights for key, lights in again.items() if lights} == lit


def joined(net: Path) -> set[tuple[int, int, int, int]]:
    """From edge, to edge, from lane, to lane of every connection of SUMO's network."""
    said = [one.attrib for one in ElementTree.parse(net).getroot().findall("connection")]
    return {
        (int(one["from"][1:]), int(one["to"][1:]), int(one["fromLane"]), int(one["toLane"]))
        for one in said
        if not one["from"].startswith(":")
    }


def shown(
    network: Network, plans: dict[int, int], edge_of: dict[int, int]
) -> dict[tuple[int, int, int, int], tuple[int, ...] | None]:
    """What every connection of lanes is shown at some seconds of the day; None without a light."""
    found: dict[tuple[int, int, int, int], tuple[int, ...] | None] = {}
    for turn in range(len(network.turns)):
        signal, column = int(network.turns.signal[turn]), int(network.turns.column[turn])
        lights = None
        if signal >= 0:
            lights = tuple(
                int(network.signals.lights_at(signal, plans[signal], BEGIN + 7 * n)[column])
                for n in range(40)
            )
        for before, after, lane, to in export.connections(network, turn):
            found[edge_of[before], edge_of[after], lane, to] = lights
    return found


def test_every_letter_of_a_light_is_one_that_sumo_knows() -> None:
    assert set(LETTERS) <= set("rRgGyYuUsoO")


def test_pictures_are_read_in_pieces() -> None:
    words = b"""<?xml version="1.0"?><fcd-export>
    <timestep time="29817.50"><vehicle id="7" x="1.5" y="-2.25" angle="90" speed="3.1"/></timestep>
    <timestep time="29818.00"/></fcd-export>"""
    heard, found = Frames(), list[Frame]()
    for n in range(0, len(words), 11):
        found += heard.feed(words[n : n + 11])
    assert [frame.at for frame in found] == [29817.5, 29818.0]
    assert (found[0].ids, found[0].x, found[0].y) == ([7], [1.5], [-2.25])
    assert not found[1].ids


async def played(folder: Path, district: District, simulation: Simulation) -> list[Frame]:
    plans = {
        s: int(simulation.state.signals["plan"][s]) for s in range(len(district.network.signals))
    }
    net = export.street(district.network, plans, folder)
    vehicles = export.traffic(hand_over(simulation), folder / "d.rou.xml")
    sumo = await Sumo.start(net, vehicles, BEGIN, BEGIN + 60, seed=1)
    try:
        return [frame async for frame in sumo.frames()]
    finally:
        await sumo.close()


@needs_sumo
@pytest.mark.parametrize("hourly", [400, 1500])
def test_sumo_begins_with_everybody_where_the_kernel_has_them(
    hourly: int, district: District, tmp_path: Path
) -> None:
    simulation = running(district, hourly, 11, later=60)
    handed = hand_over(simulation)
    frames = asyncio.run(played(tmp_path, district, simulation))
    assert frames[0].at == BEGIN
    assert frames[-1].at == pytest.approx(BEGIN + 60, abs=1)
    assert set(frames[0].ids) >= {one.vehicle for one in handed.placed}
    there = simulation.positions()
    place = {n: (x, y) for n, x, y in zip(there.vehicle.tolist(), there.x, there.y, strict=True)}
    apart = [
        np.hypot(x - place[n][0], y - place[n][1])
        for n, x, y in zip(frames[0].ids, frames[0].x, frames[0].y, strict=True)
        if n in place
    ]
    assert np.median(apart) < 12
    assert np.quantile(apart, 0.95) < 40
    arrived = {one.vehicle for one in handed.coming} & set(frames[-1].ids)
    assert arrived  # those who were still to come


RED_FOR = 95.0


def one_light() -> Network:
    """A street of two lanes to a light that stays red for RED_FOR seconds from BEGIN on."""
    program = Program("p", (Phase("G", 20.0, (Clearance("y", 3.0),)), Phase("r", 97.0)), 112.0)
    draft = Draft(
        [DraftNode(key, x, 0.0) for key, x in (("a", 0.0), ("b", 600.0), ("c", 900.0))],
        [
            DraftEdge(key, key[0], key[1], speed=13.9, lanes=2, line=[(x, 0.0), (y, 0.0)])
            for key, x, y in (("ab", 0.0, 600.0), ("bc", 600.0, 900.0))
        ],
        [
            DraftLink("ab", "bc", lane, lane, Direction.STRAIGHT, controller="b", column=0)
            for lane in range(2)
        ],
        controllers=[Controller("b", (program,), nodes=("b",))],
    )
    return build(repair(draft)[0])


@needs_sumo
def test_vehicles_make_way_for_blue_lights(tmp_path: Path) -> None:
    """It passes the queue and the red light, behind which it would wait without them."""
    queue = [Placed(n, (0, 1), n % 2, 598.0 - 7.6 * (n // 2), 0.0) for n in range(24)]
    handed = Handover(BEGIN, queue, [], 0)
    net = export.street(one_light(), {0: 0}, tmp_path)
    vehicles = export.traffic(handed, tmp_path / "d.rou.xml", [Blue((0, 1), 100.0, 10.0)])
    assert crossed(net, vehicles, make_way=True) < 0.9 * RED_FOR
    words = vehicles.read_text().replace('vClass="emergency"', 'vClass="passenger"')
    vehicles.write_text(words.replace("true", "false"))
    assert crossed(net, vehicles, make_way=False) > RED_FOR


def crossed(net: Path, vehicles: Path, make_way: bool) -> float:
    """After how many seconds the emergency vehicle is over the stop line."""

    async def seen() -> float:
        sumo = await Sumo.start(net, vehicles, BEGIN, BEGIN + 200, seed=1, make_way=make_way)
        try:
            async for frame in sumo.frames():
                where = dict(zip(frame.ids, frame.x, strict=True))
                if where.get(export.FIRST_BLUE, 0.0) > 605:
                    return frame.at - BEGIN
            return math.inf
        finally:
            await sumo.close()

    return asyncio.run(seen())


@needs_sumo
def test_who_hurries_is_found_on_the_street_that_leads_where_it_drives(district: District) -> None:
    network = district.network
    coming = inflow.Coming([], np.full(len(network.edges), 300.0))
    edge = int(district.entries[0])
    first = int(network.edges.shape_first[edge])
    (ax, bx), (ay, by) = (
        line[first : first + 2] for line in (network.edges.shape_x, network.edges.shape_y)
    )
    heading = float(np.degrees(np.arctan2(bx - ax, by - ay)) % 360)
    there = Hurrying("ambulance", float(ax + bx) / 2, float(ay + by) / 2, heading, 12.0)
    back = replace(there, heading=(heading + 180) % 360)
    away = replace(there, x=there.x + 5_000)
    found = blues(network, coming, [there, back, away], seed=1)
    assert found[0].route[0] == edge
    assert found[0].along == pytest.approx(float(network.edges.length[edge]) / 2, abs=20)
    assert all(one.route[0] != edge for one in found[1:])
    assert len(found) <= 2


async def rest(frames: AsyncIterator[Frame]) -> None:
    """What it had said before it was killed, at most what the pipe holds."""
    count = 0
    async for _ in frames:
        count += 1
        assert count < 3000


@needs_sumo
def test_a_killed_sumo_is_told_and_one_that_is_closed_is_gone(
    district: District, tmp_path: Path
) -> None:
    async def killed() -> None:
        simulation = running(district, 200, 2, later=3000)
        plans = dict(enumerate(simulation.state.signals["plan"].tolist()))
        net = export.street(district.network, plans, tmp_path)
        vehicles = export.traffic(hand_over(simulation), tmp_path / "d.rou.xml")
        sumo = await Sumo.start(net, vehicles, BEGIN, BEGIN + 3000, seed=1)
        frames = sumo.frames()
        for _ in range(3):
            await anext(frames)
        os.kill(sumo.pid, signal.SIGKILL)
        with pytest.raises(SumoEndedError, match="9"):
            await rest(frames)
        await sumo.close()
        other = await Sumo.start(net, vehicles, BEGIN, BEGIN + 3000, seed=1)
        await other.close()
        await other.close()
        assert not Path(f"/proc/{other.pid}").exists()

    asyncio.run(killed())
