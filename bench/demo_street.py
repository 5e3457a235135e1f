"""The demo's street over hours: whether it stays alive, follows the day, and what it takes of a core.

The streets, signals and vehicles are those of the demo city; no database, nobody looks on. It drives from
before dawn into the morning. Allowed is 0.4 of a core for everything that the world does.

`python -m bench.demo_street 3` looks at three hours only.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from bench.report import figure, heading
from madang.demo.city.generate import generate
from madang.demo.city.signals import link_key, node_key, street_network
from madang.demo.world.street import Links, Street
from madang.demo.world.traffic import WARM_UP, Traffic
from madang.systems.traffic.engine import kernel
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.repair import repair

SEED, SCALE = 1, 1.0
FIVE = 1_795_032_000.0  # 2026-11-19 05:00 in Korea, a Thursday
HOURS, STEP, FINE = 6, 10.0, 600  # hours; seconds of a step; seconds at the end that go one by one
ALLOWED = 0.4


def main() -> None:
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else HOURS
    heading("demo street", seed=SEED, scale=SCALE, hours=hours, warm_up_s=WARM_UP)
    kernel.warm()
    began = time.process_time()
    traffic = _made()
    figure("demo street: begun and warmed up", time.process_time() - began, "s")
    for hour in range(hours):
        _hour(traffic, FIVE + 3600 * hour)
    _by_seconds(traffic, FIVE + 3600 * hours)


def _made() -> Traffic:
    city = generate(SEED, SCALE)
    network = build(repair(street_network(city.roads))[0])
    roads, main = city.roads, city.roads.main
    links = Links(
        [node_key(int(n)) for n in roads.begin[:main]],
        [node_key(int(n)) for n in roads.end[:main]],
        list(roads.lines[:main]),
        roads.speed_kmh[:main] / 3.6,
        roads.lanes[:main].astype(float),
        np.zeros(main, dtype=bool),
        [link_key(n) for n in range(main)],
    )
    is_bus = np.array([one.kind == "bus" for one in city.others], dtype=bool)
    traffic = Traffic(network, Street(links), is_bus, SEED, FIVE)
    edges = network.edges
    print(f"{len(edges)} edges, {float((edges.length * edges.lanes).sum()) / 1000:.0f} km of lanes, "
          f"{len(network.signals)} signals, {traffic.devices} with a device, "
          f"{traffic.cars} without", flush=True)  # fmt: skip
    return traffic


def _hour(traffic: Traffic, begin: float) -> None:
    """What was driven in an hour; how many were on the street, at its end and on average."""
    before, gave_up, began = traffic.flow(), traffic.gave_up, time.process_time()
    out = []
    for now in np.arange(begin + STEP, begin + 3600 + STEP / 2, STEP):
        traffic.step(float(now), 0.0)
        out.append(traffic.driving)
    now_flow = traffic.flow()
    passed = float((now_flow.entered - before.entered).sum())
    spent = float((now_flow.present - before.present).sum())
    lost = float((now_flow.lost - before.lost).sum())
    name = f"demo street, {round((begin + 9 * 3600) / 3600) % 24:02} h"
    figure(f"{name}: entries of streets", passed, "vehicles")
    figure(f"{name}: on the street on average", float(np.mean(out)), "vehicles",
           "wanted at its end, without a device", out[-1] / max(traffic.wanted(begin + 3600), 1))  # fmt: skip
    figure(f"{name}: time lost by queues and signals", lost / spent, "1")
    figure(f"{name}: gave up", traffic.gave_up - gave_up, "vehicles")
    figure(f"{name}: processor time", time.process_time() - began, "s")


def _by_seconds(traffic: Traffic, begin: float) -> None:
    """As the world goes: a step a second."""
    began = time.process_time()
    for now in np.arange(begin + 1, begin + FINE + 1):
        traffic.step(float(now), 0.0)
        traffic.paces()
        traffic.flow()
    cores = (time.process_time() - began) / FINE
    figure("demo street: cores by seconds", cores, "cores", "0.4 allowed", cores / ALLOWED)


if __name__ == "__main__":
    main()
