"""The demo city: how long it takes to make, and how much of a core its world takes to go on.

Allowed are 60 s with the database on two free cores, and a world within 0.2 of a core
at one step a second with 120 emergency vehicles and 2,000 others.
"""

from __future__ import annotations

import os
import time

from bench.installation import installation
from bench.report import figure, heading

SEED, SCALE = 1, 1.0
STEPS = 600
NOON = 1_795_143_600.0


def main() -> None:
    heading("demo city", seed=SEED, scale=SCALE, load=round(os.getloadavg()[0], 1))
    with installation():
        _city()
        _world()


def _city() -> None:
    from django.db import transaction

    from madang.demo.city.generate import generate
    from madang.demo.city.making import ACTOR, bring, register
    from madang.ground.city.public import make_city

    began, worked = time.perf_counter(), time.process_time()
    made = generate(SEED, SCALE)
    ready = time.perf_counter()
    figure("demo city generated", ready - began, "s")
    figure("demo city generated, processor time", time.process_time() - worked, "s")
    with transaction.atomic():
        city = make_city("demo", {"ko": "마당시"}, ACTOR, simulated=True)
        bring(city, made, lambda text: None)
        register(city, made, lambda text: None)
    done = time.perf_counter()
    figure("demo city written", done - ready, "s")
    total = done - began
    figure("demo city in the database", total, "s", "60 s allowed", total / 60)


def _world() -> None:
    from madang.demo.devices.gauges import Gauges
    from madang.demo.devices.terminals import Terminals
    from madang.demo.world import loading
    from madang.demo.world.world import World
    from madang.ground.city.models import City

    city = City.objects.get(key="demo")
    world = World(loading.setting(city), SEED, NOON)
    terminals, gauges = Terminals(world, city.crs, SEED), Gauges(world, SEED)
    worked, said = time.process_time(), 0
    for _ in range(STEPS):
        world.step(world.now + 1)
        said += sum(1 for _ in terminals.look()) + sum(1 for _ in gauges.look())
    share = (time.process_time() - worked) / STEPS
    figure("messages a second of the world's devices", said / STEPS, "1/s")
    figure("the world at 1 Hz, without its connections", share, "cores", "0.2 allowed", share / 0.2)


if __name__ == "__main__":
    main()
