"""The physics of one vehicle: how long a stretch takes, and the speeds and headways of the tables."""

from __future__ import annotations

import numpy as np

from madang.systems.traffic.engine.kernel_compiled import inlined
from madang.systems.traffic.engine.kernel_drivers import SPEEDS, Drivers

LEAST_MOTION = 0.5
"""m/s below which nobody's free speed falls."""


@inlined
def free_speed(drivers: Drivers, kind: int, factor: float, limit: float) -> float:
    """m/s at which this driver goes where nobody is ahead: the limit as they take it, less dawdling."""
    wished = min(limit * factor, drivers.max_speed[kind])
    return max(wished - drivers.dawdle[kind], LEAST_MOTION)


@inlined
def stretch(
    drivers: Drivers, kind: int, speed: float, limit: float, length: float
) -> tuple[float, float]:
    """Seconds for `length` m entered at `speed` under `limit`, accelerating, and the speed at its end."""
    if speed >= limit:
        return length / limit, limit
    accel = drivers.accel[kind] - drivers.dawdle[kind]
    needed = (limit * limit - speed * speed) / (2 * accel)
    if needed >= length:
        reached = np.sqrt(speed * speed + 2 * accel * length)
        return (reached - speed) / accel, reached
    return (limit - speed) / accel + (length - needed) / limit, limit


@inlined
def braking(drivers: Drivers, kind: int, speed: float, limit: float) -> float:
    """Seconds lost by slowing from speed to limit before a turn."""
    if speed <= limit:
        return 0.0
    return (speed - limit) ** 2 / (2 * drivers.decel[kind] * speed)


@inlined
def notch(speed: float) -> int:
    """The speed's column in the tables."""
    return min(int(speed + 0.5), SPEEDS - 1)


@inlined
def least_headway(drivers: Drivers, kind: int, speed: float) -> float:
    """Seconds between two fronts at this speed without dawdling: reaction, and the room one takes."""
    return drivers.tau[kind] + drivers.room[kind] / max(speed, LEAST_MOTION)
