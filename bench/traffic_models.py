"""The kernel and the null model on a case, observed as SUMO is."""

from __future__ import annotations

import re
import time

import numpy as np

from bench.traffic_scores import JAM_M, Roads
from bench.traffic_sumo import MINUTE, Case, Observed
from madang.systems.traffic.engine.kernel import Simulation, demand
from madang.systems.traffic.engine.kernel_drivers import Kind
from madang.systems.traffic.engine.network import Network

BUS = Kind(length=12.0, accel=1.2, decel=4.0, max_speed=85 / 3.6)
WORDS = {"length": "length", "minGap": "min_gap", "tau": "tau", "accel": "accel", "decel": "decel",
         "sigma": "sigma", "maxSpeed": "max_speed", "speedDev": "speed_dev"}  # fmt: skip


def kind(words: dict[str, str]) -> Kind:
    """SUMO's vType as a Kind, with SUMO's defaults of cars and buses."""
    base = BUS if words.get("vClass") == "bus" else Kind()
    given = {ours: float(words[theirs]) for theirs, ours in WORDS.items() if theirs in words}
    factor = words.get("speedFactor")
    if factor:
        drawn = [float(number) for number in re.findall(r"[-.\d]+", factor)]
        given["speed_factor"] = drawn[0]
        given.update({"speed_dev": drawn[1]} if factor.startswith("norm") else {})
    return Kind(**{**base.__dict__, **given})


def simulation(case: Case, network: Network, interval: float = MINUTE, seed: int = 1) -> Simulation:
    """The kernel given the same vehicles, routes and kinds as SUMO; the lowest number of kinds."""
    edge = {name: number for number, name in enumerate(network.edges.ids)}
    of = {name: kind(case.kinds.get(name, {})) for name in {d.kind for d in case.departures}}
    kinds = sorted(set(of.values()), key=repr)
    number = {name: kinds.index(each) for name, each in of.items()}
    travellers = demand(
        network,
        [each.at for each in case.departures],
        [[edge[name] for name in each.route] for each in case.departures],
        [number[each.kind] for each in case.departures],
    )
    return Simulation(
        network, travellers, kinds, begin=case.begin, end=case.end, interval=interval, seed=seed
    )


def kernel(case: Case, network: Network, seed: int = 1) -> Observed:
    made = simulation(case, network, seed=seed)
    start = time.process_time()
    made.run(case.end)
    spent = time.process_time() - start
    seen, took = made.observed(), made.travel_times()
    rows = np.stack([seen.entered, seen.present / MINUTE, seen.lost], axis=2)
    edges = {
        name: [tuple(row) for row in rows[:, n].tolist()]
        for n, name in enumerate(network.edges.ids)
    }
    done = np.flatnonzero(np.isfinite(took))
    return Observed(edges, {case.departures[n].name: float(took[n]) for n in done}, spent)


def null(case: Case, network: Network) -> Observed:
    """Everybody drives at the limit, as if nobody else and no signal were there."""
    edge = {name: number for number, name in enumerate(network.edges.ids)}
    rows = np.zeros((len(edge), (case.end - case.begin) // MINUTE, 3))
    trips = {}
    for each in case.departures:
        at = each.at
        for number in (edge[name] for name in each.route):
            minute = int((at - case.begin) // MINUTE)
            if minute >= rows.shape[1]:
                break
            takes = float(network.edges.length[number] / network.edges.speed[number])
            rows[number, minute] += (1.0, takes / MINUTE, 0.0)
            at += takes
        if at < case.end:
            trips[each.name] = at - each.at
    return Observed(
        {name: [tuple(row) for row in rows[n].tolist()] for name, n in edge.items()}, trips, 0
    )


def roads(network: Network) -> Roads:
    edges, turns = network.edges, network.turns
    light = np.zeros(len(edges), np.bool_)
    light[turns.from_edge[turns.signal >= 0]] = True
    return Roads(edges.ids, np.maximum(edges.length * edges.lanes / JAM_M, 1.0), light)
