"""The signals of the demo city: nobody is sent into another's way, nobody waits for ever."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fixtures.lit_streets import lit_roads
from madang.demo.city.flows import expected
from madang.demo.city.plans import Stage, cycle
from madang.demo.city.plans import program as made_program
from madang.demo.city.signals import signalled, street_network
from madang.systems.traffic.domain.networks import Made, make
from madang.systems.traffic.engine.signals import Light


@pytest.fixture(scope="module")
def made() -> Made:
    return make(street_network(lit_roads()))


def test_every_crossing_of_three_streets_has_one(made: Made) -> None:
    assert len(made.network.signals) == signalled(lit_roads()).sum() == 21
    assert not [each for each in made.repairs if each.kind.startswith(("plan", "controller"))]


def test_no_two_that_cross_are_both_protected(made: Made) -> None:
    signals, turns = made.network.signals, made.network.turns
    for signal in range(len(signals)):
        own = np.flatnonzero(turns.signal == signal)
        for plan in range(signals.plan_first[signal], signals.plan_first[signal + 1]):
            for second in range(int(signals.cycle[plan])):
                lights = signals.lights_at(signal, plan, second)
                go = {t for t in own.tolist() if lights[turns.column[t]] == Light.PROTECTED}
                clash = [(a, b) for a in go for b in turns.foes.of(a).tolist() if b in go]
                onto_one = [pair for pair in clash if _joins(made, *pair)]
                assert clash == onto_one, f"{signal} {plan} {second}"


def _joins(made: Made, a: int, b: int) -> bool:
    """Whether two turns lead onto the same street: the right one of them turns in beside the other."""
    turns = made.network.turns
    return bool(turns.to_edge[a] == turns.to_edge[b])


def test_every_light_is_green_and_walkers_cross_in_time(made: Made) -> None:
    for controller in made.network.signals.controllers:
        for program, column in itertools.product(controller.programs, range(controller.columns)):
            assert any(phase.states[column] in "Gg" for phase in program.phases)
        for program in controller.programs:
            assert program.cycle_s == round(program.cycle_s)
            for phase in program.phases:
                assert phase.green_s >= phase.walk_s + phase.flash_s
                assert phase.green_s >= phase.least_s > 0


def stage(need: float, least: float = 10.0) -> Stage:
    return Stage(frozenset({0}), frozenset(), need, least)


def test_a_cycle_is_websters_and_walkers_get_across() -> None:
    two = [stage(0.3), stage(0.2)]
    assert cycle(two, 1.6) == 85, "(1.5 x 8 + 5) / (1 - 0.8)"
    assert cycle(two, 0.1) == 60, "no shorter one"
    assert cycle(two, 9.0) == 180, "no longer one"
    assert cycle([stage(0.3, least=90), stage(0.2, least=20)], 0.1) == 120


def test_stages_have_green_as_they_need_it() -> None:
    made = made_program("1", 100.0, [stage(0.3), stage(0.15)], 1, set(), 0.0)
    assert [phase.green_s for phase in made.phases] == [60, 30]
    short = made_program("1", 60.0, [stage(0.9, least=10), stage(0.1, least=20)], 1, set(), 0.0)
    assert [phase.green_s for phase in short.phases] == [30, 20]


def test_expected_flows_are_the_same_again_and_go_where_streets_are_great(made: Made) -> None:
    network = made.network
    lit = np.isin(network.edges.to_node, network.signals.nodes.items)
    one, other = (expected(network, lit.astype(float), 3, 500.0) for _ in range(2))
    assert one.tobytes() == other.tobytes()
    volume = np.bincount(network.turns.from_edge, one, len(network.edges))
    great = network.edges.lanes >= network.edges.lanes.max()
    assert volume[great].mean() > 1.5 * volume[~great].mean()
    assert 20 < one.sum() < 400, "crossings an hour of one vehicle"
