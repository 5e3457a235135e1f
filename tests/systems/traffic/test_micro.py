"""The microscopic window's parts: the cut, what comes in, the hand-over, SUMO with what it is handed."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.kernel import Simulation
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.repair import repair
from madang.systems.traffic.engine.signals import LETTERS
from madang.systems.traffic.micro import export, inflow
from madang.systems.traffic.micro.district import District, cut
from madang.systems.traffic.micro.handover import CAR, FIRST_M, hand_over
from madang.systems.traffic.micro.refusal import WindowRefusal
from madang.systems.traffic.micro.sumo import Frame, Frames, Sumo, SumoEndedError
from madang.systems.traffic.sources.sumo import read_net
from systems.traffic.micro_support import BEGIN, MIDDLE, middle, running, town
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
    demand = inflow.arrivals(district, coming, expected, BEGIN, BEGIN + 3600, seed=3)
    wanted = 300 * len(coming)
    assert len(demand.depart) == pytest.approx(wanted, abs=4 * wanted**0.5)
    last = demand.route_edges[demand.route_first[1:] - 1]
    assert np.isin(last, district.exits).mean() > 0.99
    again = inflow.arrivals(district, coming, expected, BEGIN, BEGIN + 3600, seed=3)
    assert again.route_edges.tobytes() == demand.route_edges.tobytes()


def on_streets(simulation: Simulation) -> np.ndarray:
    """The kernel's own count by street; who waits within a crossing on the street before it."""
    network = simulation.given.network
    found = simulation.state.edges["present"].astype(int)
    for turn, waiting in enumerate(simulation.state.turns["waiting"].tolist()):
        found[network.turns.from_edge[turn]] += waiting
    return found


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
@pytest.mark.parametrize("made", ["town", "crossing"])
def test_sumo_is_given_the_same_streets_lanes_and_lights(
    made: str, district: District, tmp_path: Path
) -> None:
    """Our arrays to SUMO's network and back."""
    network = district.network
    if made == "crossing":
        network = build(repair(read_net(crossing_file(tmp_path)))[0])
    plans = {s: int(network.signals.plan_first[s]) for s in range(len(network.signals))}
    back = build(repair(read_net(export.street(network, plans, tmp_path)))[0])
    number = {f"e{n}": n for n in range(len(network.edges))}
    assert sorted(number) == sorted(back.edges.ids)
    mine = [number[key] for key in back.edges.ids]
    assert back.edges.lanes.tolist() == network.edges.lanes[mine].tolist()
    assert back.edges.length == pytest.approx(network.edges.length[mine], abs=0.01)
    assert back.edges.speed == pytest.approx(network.edges.speed[mine], abs=0.01)
    same = shown(network, plans, {n: n for n in range(len(network.edges))})
    theirs = {s: int(back.signals.plan_first[s]) for s in range(len(back.signals))}
    assert shown(back, theirs, dict(enumerate(mine))) == same


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
