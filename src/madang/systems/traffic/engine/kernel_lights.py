"""Lights in the kernel: what each column shows now, and who may still pass on amber."""

from __future__ import annotations

from madang.systems.traffic.engine.kernel_compiled import compiled, inlined
from madang.systems.traffic.engine.kernel_drivers import Drivers
from madang.systems.traffic.engine.kernel_state import State
from madang.systems.traffic.engine.kernel_streets import Programs
from madang.systems.traffic.engine.signals import DAY_S, Light

RED = int(Light.RED)
AMBER = int(Light.AMBER)
STOP = int(Light.STOP)
PROTECTED = int(Light.PROTECTED)


@compiled
def set_lights(plans: Programs, state: State, now: float) -> None:
    """Bring every signal whose stretch of constant lights is over to the one that runs at `now`."""
    for signal in range(len(state.signals)):
        if now >= state.signals[signal].until:
            _set_signal(plans, state, signal, now)


@compiled
def _set_signal(plans: Programs, state: State, signal: int, now: float) -> None:
    plan = state.signals[signal].plan
    second = now % DAY_S  # cycles begin anew at midnight, as the table of plans says it
    into = (second - plans.offset[plan]) % plans.cycle[plan]
    last = plans.interval_first[plan + 1] - 1
    at = plans.interval_first[plan]
    end = plans.seconds[at]
    while at < last and end <= into:
        at += 1
        end += plans.seconds[at]
    state.signals[signal].until = now + max(min(end - into, DAY_S - second), 1e-6)
    first = plans.column_first[signal]
    for column in range(first, plans.column_first[signal + 1]):
        light = plans.lights[plans.light_first[at] + column - first]
        if light != state.columns[column].light:
            state.columns[column].light = light
            state.columns[column].since = now


@inlined
def amber_lasts(drivers: Drivers, kind: int, speed: float) -> float:
    """Seconds of amber in which who drives at `speed` is too near to stop: half the braking time, less
    half a step, because SUMO's vehicles brake in whole seconds."""
    return speed / (2 * drivers.decel[kind]) - 0.5
