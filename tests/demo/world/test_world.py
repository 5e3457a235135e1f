"""The world keeps to its street, its seed and its scenario."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.demo.devices.ailing import Ailing
from madang.demo.devices.messages import Message
from madang.demo.devices.terminals import Terminals
from madang.demo.world.clock import WorldClock
from madang.demo.world.missions import State
from madang.demo.world.routes import Routes
from madang.demo.world.scenario import Event, ScenarioError, read
from madang.demo.world.street import Links, Street
from madang.demo.world.world import Setting, Thing, World

NOON = 1_795_143_600.0
SIDE, BLOCK = 8, 200.0


def grid(side: int = SIDE) -> Links:
    """A town of square blocks, every street in both directions, and a dead end that nobody can leave."""
    begin: list[str] = []
    end: list[str] = []
    lines = []
    for row in range(side):
        for column in range(side):
            for right, up in ((1, 0), (0, 1)):
                if row + up < side and column + right < side:
                    here = np.array([column, row]) * BLOCK
                    there = np.array([column + right, row + up]) * BLOCK
                    bend = (here + there) / 2 + [5.0, -5.0]
                    a, b = f"{row}-{column}", f"{row + up}-{column + right}"
                    begin += [a, b]
                    end += [b, a]
                    lines += [np.array([here, bend, there]), np.array([there, bend, here])]
    begin.append("0-0")
    end.append("nowhere")
    lines.append(np.array([[0.0, 0.0], [-500.0, 0.0]]))
    count = len(begin)
    covered = np.arange(count) % 17 == 0
    return Links(begin, end, lines, np.full(count, 13.9), np.full(count, 2.0), covered)


def setting() -> Setting:
    return Setting(
        links=grid(),
        emergency=[Thing(f"A-{n}", "ambulance", 10.0 * n, 0.0) for n in range(4)]
        + [Thing(f"F-{n}", "fire_engine", 1400.0, 10.0 * n) for n in range(3)]
        + [Thing("C-0", "command_car", 1400.0, 1400.0), Thing("P-0", "patrol_car", 700.0, 700.0)],
        others=[Thing(f"B-{n}", "bus", 0.0, 0.0) for n in range(50)],
        gauges=[
            Thing("UP-1", "underpass_gauge", 200.0, 100.0),
            Thing("ST-1", "stream_gauge", 600.0, 100.0),
            Thing("W-1", "weather_station", 300.0, 300.0),
            *(Thing(f"BELL-{n}", "bell", 200.0 * n, 210.0) for n in range(7)),
        ],
        hospitals=[(1000.0, 1000.0)],
    )


def run(world: World, seconds: int, dt: float = 1.0) -> None:
    for _ in range(int(seconds / dt)):
        world.step(world.now + dt)


@given(seed=st.integers(0, 2**32), dt=st.sampled_from([0.2, 1.0, 7.0]))
@settings(max_examples=10, deadline=None)
def test_everything_stays_on_the_street(seed: int, dt: float) -> None:
    world = World(setting(), seed, NOON)
    run(world, 300, dt)
    fleet = world.fleet
    assert (fleet.along >= 0).all()
    assert (fleet.along < world.street.length[fleet.link]).all()
    x, y, heading = world.place()
    assert ((x > -10) & (x < BLOCK * SIDE) & (y > -10) & (y < BLOCK * SIDE)).all()
    assert ((heading >= 0) & (heading < 360)).all()


def test_one_seed_is_one_world() -> None:
    worlds = [World(setting(), 7, NOON) for _ in range(2)]
    for world in worlds:
        run(world, 600)
    first, second = (np.concatenate(world.place()).tobytes() for world in worlds)
    assert first == second
    assert worlds[0].weather.temperature == worlds[1].weather.temperature


def test_the_part_one_cannot_leave_is_no_street() -> None:
    street = Street(grid())
    assert len(street) == len(grid().begin) - 1
    assert street.nodes == SIDE * SIDE


def test_nobody_moves_faster_than_a_hurrying_driver() -> None:
    world = World(setting(), 3, NOON)
    before = np.array(world.place()[:2])
    for _ in range(200):
        world.step(world.now + 1)
        after = np.array(world.place()[:2])
        moved = np.hypot(*(after - before))
        assert moved.max() < 13.9 * 1.2 + 1
        before = after


@given(a=st.integers(0, 200), b=st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_a_way_is_connected_and_ends_where_it_should(a: int, b: int) -> None:
    street = Street(grid())
    way = Routes(street).way(a, b)
    links = [a, *way.tolist()]
    assert all(street.end[p] == street.begin[q] for p, q in itertools.pairwise(links))
    assert links[-1] == b


def test_an_ambulance_goes_through_its_whole_mission() -> None:
    world = World(setting(), 5, NOON, [Event(after=10, kind="call", x=700.0, y=700.0)])
    seen: list[State] = []
    for _ in range(3 * 3600):
        world.step(world.now + 1)
        for who in range(4):
            state = world.missions.duty[who].state
            if state is not State.STANDBY and state not in seen:
                seen.append(state)
    assert {
        State.EN_ROUTE,
        State.ON_SCENE,
        State.TRANSPORTING,
        State.AT_HOSPITAL,
        State.RETURNING,
    } == set(seen)
    assert seen[0] is State.EN_ROUTE


def test_a_flooded_underpass_rises_above_its_threshold() -> None:
    world = World(setting(), 1, NOON, [Event(after=60, kind="flood", device="UP-1", value=0.35)])
    run(world, 50)
    assert world.level("UP-1") < 0.05
    run(world, 600)
    assert world.level("UP-1") > 0.3


def test_rain_makes_streams_rise_and_they_fall_again() -> None:
    world = World(setting(), 1, NOON, [Event(0, "rain", 40.0), Event(3600, "rain", 0.0)])
    usual = world.level("ST-1")
    run(world, 3600, 10.0)
    high = world.level("ST-1")
    run(world, 6 * 3600, 10.0)
    assert high > usual + 0.5
    assert world.level("ST-1") < (usual + high) / 2


def test_a_silenced_device_says_nothing_for_its_time() -> None:
    world = World(setting(), 1, NOON, [Event(10, "silence", 100.0, device="W-1")])
    run(world, 20)
    assert world.is_silent("W-1")
    run(world, 120)
    assert not world.is_silent("W-1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[event]]\nafter = -1\nkind = "dry"', "before the beginning"),
        ('[[event]]\nafter = 1\nkind = "flood"\nvalue = 1.0', "key of a device"),
        ('[[event]]\nafter = 1\nkind = "rain"', "needs a value"),
        ('[[event]]\nafter = 1\nkind = "snow"', "snow"),
        ('[[event]]\nafter = 1\nkind = "call"\nx = 3.0', "x and y"),
        ("[[event", "cannot be used"),
        ('[[event]]\nafter = 1\nkind = "accident"', "either a road or its x and y"),
        ('[[event]]\nafter = 1\nkind = "limit"\nroad = "L1"', "km/h that may be driven"),
        ('[[event]]\nafter = 1\nkind = "limit"\nroad = "L1"\nvalue = nan', "below 5"),
        ('[[event]]\nafter = 1\nkind = "roadworks"\nroad = "L1"\nlanes = 0', "lanes = 0 cannot"),
        ('[[event]]\nafter = 1\nkind = "closure"\nroad = "L1"\nseconds = 0', "no time"),
        ('[[event]]\nafter = 1\nkind = "dry"\nroad = "L1"', "has no road"),
    ],
)
def test_a_wrong_scenario_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(ScenarioError, match=said):
        read(tmp_path / "s.toml")


def test_the_clock_catches_up_and_never_runs_ahead() -> None:
    wall = [1000.0]
    clock = WorldClock(begins=100.0, rate=10, wall=lambda: wall[0])
    assert clock.now() == 100.0
    wall[0] = 1050.0
    assert clock.now() == 600.0
    wall[0] = 2000.0
    assert clock.now() == 2000.0
    assert clock.has_caught_up()


def test_the_scenario_of_the_docs_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/systems/demo.md").read_text("utf-8")
    (sample,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    path = tmp_path / "scenario.toml"
    path.write_text(sample, encoding="utf-8")
    assert {event.kind for event in read(path)} == {
        "rain", "flood", "call", "silence", "clock", "accident", "roadworks", "closure", "limit",
    }  # fmt: skip


def test_devices_ail_as_the_scenario_says_and_the_others_do_not() -> None:
    events = [
        Event(1, "clock", 60.5, 10, device="B-1*"),
        Event(1, "stutter", seconds=10, device="B-2"),
        Event(1, "babble", 5, 10, device="B-3"),
    ]
    world = World(setting(), 1, NOON, events)
    ailing = Ailing(world)
    run(world, 2)

    def said(*words: tuple[str, int]) -> list[tuple[str, int, bool]]:
        messages = [Message(device, "positions", [{"t": t}]) for device, t in words]
        return [(one.device, one.facts[0]["t"], one.repeats) for one in ailing.spoil(messages)]

    assert said(("B-0", 5)) == [("B-0", 5, False)]
    assert said(("B-12", 5)) == [("B-12", 60_505, False)]
    assert said(("B-3", 5)) == [("B-3", t, False) for t in (5, 6, 7, 8, 9)]
    assert said(("B-2", 5)) == []
    both = [("B-2", 6, False), ("B-2", 5, False), ("B-2", 6, True), ("B-2", 5, True)]
    assert said(("B-2", 6)) == both
    assert said(("B-2", 7)) == []
    run(world, 20)
    assert said(("B-2", 8), ("B-12", 5)) == [
        ("B-2", 7, False),
        ("B-2", 8, False),
        ("B-12", 5, False),
    ], "they are well again, and what was held back is said"


def test_a_terminal_says_what_its_vehicle_does_when_it_is_switched_on() -> None:
    """It is connected some seconds after the world began; what it said before nobody heard."""
    world = World(setting(), 5, NOON)
    terminals = Terminals(world, "EPSG:5186", 5)

    def states() -> set[str]:
        return {said.device for said in terminals.look() if said.what == "states"}

    everybody = states()
    assert everybody
    assert states() == set()
    late = sorted(everybody)[0]
    terminals.switch_on(late)
    assert states() == {late}


@given(x=st.floats(-300, 1700), y=st.floats(-300, 1700), reach=st.floats(1, 400))
def test_links_within_reach_are_those_that_shapely_finds(x: float, y: float, reach: float) -> None:
    street = Street(grid())
    lines = [
        shapely.LineString(street.points[first:last])
        for first, last in itertools.pairwise(street.line_start)
    ]
    gaps = shapely.distance(np.array(lines), shapely.Point(x, y))
    clear = np.abs(gaps - reach) > 1e-6
    assert (street.within(x, y, reach) == (gaps <= reach))[clear].all()
