"""The signals of the demo city: nobody is sent into another's way, nobody waits for ever."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fixtures.lit_streets import lit_roads
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
