"""Networks from SUMO's files and from drafts: arrays that hold together, repairs that are listed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import Phase as Step
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.crossing import side_by_side
from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode
from madang.systems.traffic.engine.network import Direction, Network, NodeKind, Rank, Signals
from madang.systems.traffic.engine.repair import kinds, repair
from madang.systems.traffic.engine.signals import Controller, Light, Phase, Program, Turnover
from madang.systems.traffic.sources.refusal import UnreadableError
from madang.systems.traffic.sources.sumo import read_net
from systems.traffic.streets import CROSSING, crossing_file, grid


def test_a_crossing_of_sumo_keeps_lanes_turns_lights_and_who_gives_way(tmp_path):
    draft, said = repair(read_net(crossing_file(tmp_path)))
    net = build(draft)
    turn = {(net.edges.ids[f], net.edges.ids[t]): n for n, (f, t) in _pairs(net)}
    right, ahead = turn["in_s", "out_e"], turn["in_s", "out_n"]
    left = turn["in_w", "out_n"]
    assert kinds(said) == {"offset-wrapped": 1}
    assert net.edges.lanes.tolist() == [2, 1, 1, 1]  # the pavement is no lane
    assert net.turns.from_lanes[[right, ahead]].tolist() == [0b01, 0b10]
    assert net.turns.direction[[right, ahead, left]].tolist() == [
        Direction.RIGHT,
        Direction.STRAIGHT,
        Direction.LEFT,
    ]
    assert net.turns.length[right] == 9.5
    assert ahead in net.turns.yields.of(left)
    assert left in net.turns.foes.of(ahead)
    assert left not in net.turns.yields.of(ahead)
    assert net.edges.rank[0] == Rank.NATIONAL


def test_lights_follow_the_plan_and_amber_belongs_to_the_phase_it_ends(tmp_path):
    net = build(repair(read_net(crossing_file(tmp_path)))[0])
    [controller] = net.signals.controllers
    first, second = controller.programs[0].phases
    assert (first.amber_s, first.all_red_s, first.least_s, second.green_s) == (3, 2, 10, 20)
    assert net.signals.cycle.tolist() == [60]
    assert net.signals.offset.tolist() == [10]  # 70 is 10 of a cycle of 60
    shown = [
        net.signals.lights_at(0, 0, 10 + second)[:3].tolist() for second in (0, 31, 34, 36, 56)
    ]
    G, y, r = Light.PROTECTED, Light.AMBER, Light.RED
    assert shown == [[G, G, r], [y, y, r], [r, r, r], [r, r, G], [r, r, y]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "broken-xml"),
        (CROSSING[:900], "broken-xml"),
        ("<edges/>", "not-a-net"),
        ("<net/>", "no-streets"),
        ('<!DOCTYPE net [<!ENTITY a "b">]>' + CROSSING, "xml-with-dtd"),
    ],
)
def test_what_is_no_network_is_refused_with_its_reason(tmp_path, content, code):
    path = tmp_path / "bad.net.xml"
    path.write_text(content)
    with pytest.raises(UnreadableError) as refused:
        read_net(path)
    assert refused.value.code == code


def test_every_repair_is_listed():
    draft = Draft(
        nodes=[DraftNode("a", 0, 0), DraftNode("b", 100, 0), DraftNode("c", math.nan, 0)],
        edges=[
            DraftEdge("ab", "a", "b", 0, None, 2, Rank.CITY),
            DraftEdge("ba", "b", "a", 100, 900, 0, Rank.CITY, line=[(0, 0), (100, 0)]),
            DraftEdge("loop", "a", "a", 10, 10, 1),
            DraftEdge("ab", "a", "b", 100, 10, 1),
            DraftEdge("bd", "b", "d", 100, 10, 99, line=[(100, 0), (200, 0)]),
            DraftEdge("bx", "b", "x", 100, 10, 1),
        ],
        links=[DraftLink("ab", "bd", 7, 0), DraftLink("ab", "bd", 0, 0), DraftLink("ab", "gone")],
        bans=[("ab", "ba"), ("ba", "bd")],
    )
    mended, said = repair(draft)
    assert kinds(said) == {
        "node-without-place": 1,
        "self-loop": 1,
        "edge-repeated": 1,
        "edge-without-place": 1,
        "node-missing": 1,
        "node-alone": 1,
        "length-from-line": 1,
        "speed-from-rank": 1,
        "speed-absurd": 1,
        "line-reversed": 1,
        "lanes-from-rank": 1,
        "lanes-cut": 1,
        "link-without-lane": 1,
        "link-without-edge": 1,
        "ban-nowhere": 1,
    }
    assert [edge.key for edge in mended.edges] == ["ab", "ba", "bd"]
    assert repair(mended)[1] == []


def test_plans_that_do_not_fit_go_and_a_light_without_green_stops_nobody():
    draft = grid(2, 2)
    into = [edge for edge in draft.edges if edge.to_node == "0,0"]
    away = [edge for edge in draft.edges if edge.from_node == "0,0"]
    draft.links = [
        DraftLink(into[n].key, away[n - 1].key, controller="k", column=n) for n in (0, 1)
    ]
    phase = Phase("Gr", 20)
    draft.controllers = [
        Controller(
            "k",
            (
                Program("short", (Phase("G", 20),)),
                Program("nan", (Phase("Gr", math.nan),)),
                Program("words", (Phase("Gx", 20),)),
                Program("rings", (phase, Phase("rG", 30, ring=1))),
                Program("dark", (phase, Phase("yr", 3))),
            ),
            (Turnover(0, "dark"), Turnover(3600, "short"), Turnover(90_000, "dark")),
            nodes=("0,0", "nowhere"),
        ),
        Controller("lost", (Program("p", (phase,)),), nodes=("nowhere",)),
    ]
    mended, said = repair(draft)
    found = kinds(said)
    assert found.pop("turnover-nowhere") == 2
    assert set(found) == {
        "plan-does-not-fit",
        "plan-without-time",
        "plan-unknown-light",
        "plan-rings-part",
        "plan-without-green",
        "controller-nowhere",
        "controller-dropped",
    }
    net = build(mended)
    assert net.signals.lights_at(0, 0, 0).tolist() == [Light.PROTECTED, Light.FLASHING]
    assert net.nodes.kind[net.nodes.ids.index("0,0")] == NodeKind.SIGNAL


def test_two_rings_show_the_most_that_either_gives_and_days_choose_plans():
    rings = (
        Phase("Grr", 30, ring=0, barrier=0),
        Phase("rrG", 30, ring=0, barrier=1),
        Phase("rGr", 10, ring=1, barrier=0),
        Phase("rrr", 20, ring=1, barrier=0),
        Phase("rrr", 30, ring=1, barrier=1),
    )
    draft = grid(2, 2)
    draft.controllers = [
        Controller(
            "k",
            (Program("two", rings), Program("night", (Phase("GGG", 60),))),
            (Turnover(6 * 3600, "two", 0b0011111), Turnover(22 * 3600, "night")),
            nodes=("0,0",),
        )
    ]
    signals = build(repair(draft)[0]).signals
    G, r = Light.PROTECTED, Light.RED
    assert [signals.lights_at(0, 0, t).tolist() for t in (5, 15, 45)] == [
        [G, G, r],
        [G, r, r],
        [r, r, G],
    ]
    at = [signals.plan_at(0, hour * 3600, day) for hour, day in ((5, 0), (7, 0), (7, 6), (23, 0))]
    assert at == [1, 0, 1, 1]


def test_where_no_turns_are_said_streets_lead_everywhere_but_back_and_where_it_is_banned():
    draft = grid(3, 3)
    draft.bans = [("0,1>1,1", "1,1>1,2")]
    net = build(repair(draft)[0])
    ids = net.edges.ids
    pairs = {(ids[f], ids[t]) for _, (f, t) in _pairs(net)}
    assert ("0,1>1,1", "1,1>2,1") in pairs
    assert ("0,1>1,1", "1,1>1,2") not in pairs
    assert ("0,1>1,1", "1,1>0,1") not in pairs
    assert [ids[e] for e in net.bans[0]] == ["0,1>1,1", "1,1>1,2"]


def _pairs(net: Network):
    return enumerate(zip(net.turns.from_edge.tolist(), net.turns.to_edge.tolist(), strict=True))


NO_SHRINKING = (Step.explicit, Step.reuse, Step.generate)  # a failure shows itself at once
NAMES = st.sampled_from("abcdef")
NUMBERS = st.one_of(
    st.none(), st.floats(-10, 500), st.sampled_from([math.nan, math.inf, -math.inf, 0.0])
)
LINES = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats() | st.just(5.0)), max_size=4)
NODES = st.builds(DraftNode, NAMES, NUMBERS, NUMBERS, st.sampled_from(NodeKind))
EDGES = st.builds(
    DraftEdge,
    key=st.text("12345678", min_size=1, max_size=2),
    from_node=NAMES,
    to_node=NAMES,
    length=NUMBERS,
    speed=NUMBERS,
    lanes=st.none() | st.integers(-2, 60),
    rank=st.sampled_from(Rank),
    line=LINES,
    saturation=NUMBERS,
    pocket_left=st.integers(-1, 3),
    pocket_left_m=st.floats() | st.just(30.0),
)
PHASES = st.builds(Phase, st.text("rgGyx", min_size=1, max_size=3), st.floats(-5, 90))
PROGRAMS = st.builds(
    Program, st.sampled_from("12"), st.lists(PHASES, max_size=3).map(tuple), st.floats()
)
CONTROLLERS = st.builds(
    Controller,
    st.sampled_from("AB"),
    st.lists(PROGRAMS, max_size=3).map(tuple),
    st.lists(st.builds(Turnover, st.integers(-9, 99_999), st.sampled_from("123")), max_size=3).map(
        tuple
    ),
    nodes=st.lists(NAMES, max_size=2).map(tuple),
)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    edges = draw(st.lists(EDGES, max_size=12))
    keys = st.sampled_from([edge.key for edge in edges] or ["1"])
    lane = st.none() | st.integers(-1, 4)
    links = st.builds(
        DraftLink,
        keys,
        keys,
        lane,
        lane,
        length=NUMBERS,
        speed=NUMBERS,
        controller=st.sampled_from(["", "A", "B", "C"]),
        column=st.integers(-1, 4),
        yields=st.lists(st.integers(-1, 9), max_size=3),
        foes=st.lists(st.integers(-1, 9), max_size=3),
    )
    return Draft(
        draw(st.lists(NODES, max_size=6)),
        edges,
        draw(st.none() | st.lists(links, max_size=8)),
        draw(st.lists(st.tuples(keys, keys), max_size=3)),
        draw(st.lists(CONTROLLERS, max_size=3)),
        draw(st.booleans()),
    )


@given(drafts())
@settings(max_examples=60, deadline=None, phases=NO_SHRINKING)
def test_whatever_a_source_says_becomes_a_network_that_holds_together(draft):
    mended, _ = repair(draft)
    again = repair(mended)[1]
    net = build(mended)
    edges, turns, signals = net.edges, net.turns, net.signals
    assert {each.kind for each in again} <= {"plan-lights-unused"}  # told, not mended
    for figures in (edges.length, edges.speed, edges.saturation, edges.storage, turns.speed):
        assert np.isfinite(figures).all()
        assert (figures > 0).all()
    assert np.isfinite(net.nodes.x).all()
    assert (edges.from_node != edges.to_node).all()
    assert (edges.lanes >= 1).all()
    assert (edges.to_node[turns.from_edge] == edges.from_node[turns.to_edge]).all()
    assert turns.first[-1] == len(turns) == len(net.turns_into.items)
    assert (np.diff(turns.from_edge) >= 0).all()
    assert (turns.from_lanes > 0).all()
    assert (turns.from_lanes < 2 ** edges.lanes[turns.from_edge].astype(np.int64)).all()
    watching = turns.signal >= 0
    assert (turns.column[watching] < signals.columns[turns.signal[watching]]).all()
    for signal in range(len(signals)):
        for plan in range(*signals.plan_first[signal : signal + 2]):
            assert _most(signals, signal, plan).min() > Light.AMBER


def _most(signals: Signals, signal: int, plan: int):
    """The most that each column of a plan ever shows."""
    starts = signals.light_first[slice(*signals.interval_first[plan : plan + 2])]
    width = signals.columns[signal]
    return np.max([signals.lights[start : start + width] for start in starts], axis=0)


def test_lanes_lead_where_the_source_says_else_side_by_side():
    nodes = [DraftNode(name, 100.0 * n, 0.0) for n, name in enumerate("abc")]
    edges = [DraftEdge("ab", "a", "b", 100, 10, 2), DraftEdge("bc", "b", "c", 100, 10, 4)]
    said = [DraftLink("ab", "bc", lane, onto) for lane, onto in ((0, 0), (1, 1), (1, 2), (1, 3))]
    for links, led in ((said, [0b0001, 0b1110]), ([DraftLink("ab", "bc")], [0b0011, 0b1100])):
        network = build(repair(Draft(nodes, edges, links))[0])
        assert network.turns.leads.of(0).tolist() == led


def test_who_crosses_side_by_side_stays_side_by_side():
    assert side_by_side(0b11, 0b11, 2) == [0b01, 0b10]
    assert side_by_side(0b111, 0b11, 3) == [0b01, 0b11, 0b10]
    assert side_by_side(0b10, 0b01, 2) == [0b01, 0b01]
