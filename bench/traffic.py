"""The traffic kernel beside SUMO: how near it comes to SUMO microscopic, and how fast it is.

`python -m bench traffic` measures all; `python -m bench.traffic quick` a tenth of the city and one seed.
The networks with calibrated demand come from the wheel sumo-rl: SUMO_RL=/folder/where/it/is/unpacked;
without it they are left out, and said to be. Accuracy and speed are of one build and its only settings.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench import traffic_city, traffic_models, traffic_scores, traffic_sumo
from bench.report import figure, heading
from bench.traffic_sumo import Case
from madang.systems.traffic.engine import kernel
from madang.systems.traffic.engine.network import Network

SCALES = (
    ("cologne1", 1.2),
    ("cologne3", 1.4),
    ("cologne8", 2.0),
    ("ingolstadt1", 1.5),
    ("ingolstadt7", 1.0),
    ("ingolstadt7", 1.5),
    ("ingolstadt21", 1.0),
)
"""Demand times this: queues spill back, and SUMO microscopic teleports next to nobody."""
GRIDS = ((4, 1100, 15), (5, 2600, 30))
SEEDS = (1, 2, 3)
CITY = (100, 51, 50_000, 30)  # columns, rows, vehicles, minutes: 20,098 edges, 2,550 signals
DAY = (66, 50, 400_000, 1_440)  # 12,968 edges


def main() -> None:
    quick = "quick" in sys.argv
    heading("traffic", networks=[name for name, _ in SCALES], seeds=SEEDS, city=CITY, day=DAY,
            quick=quick)  # fmt: skip
    kernel.warm()
    with tempfile.TemporaryDirectory(prefix="bench-traffic-") as folder:
        if "speed" not in sys.argv:
            accuracy(Path(folder), SEEDS[:1] if quick else SEEDS)
        if "accuracy" not in sys.argv:
            city(Path(folder), 10 if quick else 1)
            if not quick:
                day(Path(folder))


def accuracy(work: Path, seeds: tuple[int, ...]) -> None:
    """The table: each model against SUMO microscopic, and SUMO itself with other dice as the floor."""
    for seed in seeds:
        for name, case, network in cases(work, seed):
            roads = traffic_models.roads(network)
            truth = traffic_sumo.run(case, work, meso=False, seed=seed)
            models = {
                "kernel": traffic_models.kernel(case, network, seed),
                "mesoscopic": traffic_sumo.run(case, work, meso=True, seed=seed),
                "null": traffic_models.null(case, network),
                "other dice": traffic_sumo.run(case, work, meso=False, seed=seed + 100),
            }
            mean = sum(truth.trips.values()) / max(1, len(truth.trips))
            print(f"{name}, seed {seed}: {len(case.departures)} vehicles, {len(truth.trips)} trips of "
                  f"{mean:.0f} s, {truth.teleports} teleports")  # fmt: skip
            for model, seen in models.items():
                found = asdict(traffic_scores.score(case, roads, truth, seen))
                words = {key: round(value, 3) for key, value in found.items()}
                print(json.dumps({"model": model, **words, "cpu_s": round(seen.processor, 2)}))
            sys.stdout.flush()


def cases(work: Path, seed: int) -> Iterator[tuple[str, Case, Network]]:
    for size, vehicles, minutes in GRIDS:
        path = traffic_city.grid(size, size, work, every=1)
        network = traffic_city.network_of(path)
        name = f"grid {size}x{size}"
        yield name, traffic_city.case("grid", path, network, vehicles, minutes, seed), network
    if traffic_sumo.networks() is None:
        print("sumo-rl is not here: its networks are left out")
        return
    for name, scale in SCALES:
        case = traffic_sumo.of_wheel(name, scale, work, seed)
        yield f"{name} x {scale}", case, traffic_city.network_of(case.network)


def city(work: Path, part: int) -> None:
    columns, rows, vehicles, minutes = CITY
    size = int(columns / part**0.5), int(rows / part**0.5)
    made, network = _made(work, size, vehicles // part, minutes)
    spent = _spent(made, network, minutes * 60)
    meso = traffic_sumo.run(made, work, meso=True, minutes=False)
    what = f"{len(network.edges)} edges, {len(made.departures)} vehicles, {minutes} minutes"
    figure(f"traffic: {what}", spent, "s", "SUMO mesoscopic", spent / meso.processor)
    figure("traffic: SUMO mesoscopic, the same", meso.processor, "s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    figure("traffic: most memory, demand and network included", peak, "GiB")


def day(work: Path) -> None:
    columns, rows, vehicles, minutes = DAY
    made, network = _made(work, (columns, rows), vehicles, minutes)
    spent = _spent(made, network, minutes * 60, interval=900)
    figure(f"traffic: a day, {len(network.edges)} edges, {vehicles} vehicles", spent, "s")


def _made(work: Path, size: tuple[int, int], vehicles: int, minutes: int) -> tuple[Case, Network]:
    path = traffic_city.grid(*size, work)
    network = traffic_city.network_of(path)
    print(f"{len(network.edges)} edges, {len(network.signals)} signals", flush=True)
    return traffic_city.case("city", path, network, vehicles, minutes, seed=1), network


def _spent(case: Case, network: Network, until: float, interval: float = 60) -> float:
    """Processor seconds of the run alone; what came of it is said, so that nobody waits for nothing."""
    simulation = traffic_models.simulation(case, network, interval)
    start = time.process_time()
    simulation.run(until)
    spent = time.process_time() - start
    took = simulation.travel_times()
    done = np.isfinite(took)
    print(
        f"{done.sum()} of {len(took)} arrived after {np.nanmean(took):.0f} s on average", flush=True
    )
    return spent


if __name__ == "__main__":
    main()
