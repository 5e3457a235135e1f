"""How near a model comes to SUMO microscopic: flows, trips, queues, spill-back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.traffic_sumo import Case, Observed

Floats = npt.NDArray[np.float64]

QUARTER = 15  # minutes
FLOW = 200.0  # veh/h from which an edge counts
QUEUE = 1.0  # vehicles that SUMO's queue has on average, from which an edge counts
FULL = 0.85  # of its storage, from which an edge's queue has spilled back
JAM_M = 7.5


@dataclass(frozen=True)
class Roads:
    """What the scores need of a network: edges in order, room for vehicles on each, those with a light."""

    names: tuple[str, ...]
    storage: Floats
    crossing: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scores:
    """Shares 0..1 but for the trip error, relative.

    good: edges' quarter hours of at least 200 veh/h with GEH below 5; trips: mean absolute error of
    travel times over their mean; queues: absolute error of mean queues over their sum; spilled: share
    of minutes in which one but not both are full, of those in which any is; arrived: completed trips,
    relative error.
    """

    good: float
    trips: float
    mean_trip: float
    queues: float
    spilled: float
    arrived: float


def score(case: Case, roads: Roads, truth: Observed, model: Observed) -> Scores:
    real, found = arrays(case, roads, truth), arrays(case, roads, model)
    return Scores(
        good=_good(real[0], found[0]),
        trips=_trips(truth, model),
        mean_trip=_mean_trip(truth, model),
        queues=_queues(roads, real[2], found[2]),
        spilled=_spilled(roads, real[1], found[1]),
        arrived=len(model.trips) / max(1, len(truth.trips)) - 1,
    )


def arrays(case: Case, roads: Roads, seen: Observed) -> Floats:
    """[3, minutes, edges]: entered, vehicles present, seconds lost."""
    minutes = (case.end - case.begin) // 60
    found = np.zeros((3, minutes, len(roads.names)))
    for column, name in enumerate(roads.names):
        if name in seen.edges:
            found[:, :, column] = np.array(seen.edges[name]).T
    return found


def geh(model: Floats, real: Floats) -> Floats:
    """GEH statistic of hourly flows (Design Manual for Roads and Bridges, UK)."""
    total = np.maximum(model + real, 1e-9)
    return np.sqrt(2 * (model - real) ** 2 / total)


def _quarters(minutes: Floats) -> Floats:
    whole = len(minutes) // QUARTER * QUARTER
    found: Floats = minutes[:whole].reshape(-1, QUARTER, minutes.shape[1]).sum(axis=1)
    return found


def _good(real: Floats, model: Floats) -> float:
    flow, found = _quarters(real) * 4, _quarters(model) * 4
    counted = flow >= FLOW
    return float(np.mean(geh(found, flow)[counted] < 5)) if counted.any() else 1.0


def _trips(truth: Observed, model: Observed) -> float:
    both = sorted(truth.trips.keys() & model.trips.keys())
    real = np.array([truth.trips[name] for name in both])
    found = np.array([model.trips[name] for name in both])
    return float(np.abs(found - real).mean() / real.mean())


def _mean_trip(truth: Observed, model: Observed) -> float:
    both = truth.trips.keys() & model.trips.keys()
    real = sum(truth.trips[name] for name in both)
    return sum(model.trips[name] for name in both) / real - 1


def _queues(roads: Roads, real: Floats, model: Floats) -> float:
    """Mean queue of a quarter hour: vehicle-seconds lost over its seconds (Little's law)."""
    real, model = _quarters(real) / (QUARTER * 60), _quarters(model) / (QUARTER * 60)
    counted = (real >= QUEUE) & roads.crossing
    return float(np.abs(model - real)[counted].sum() / max(real[counted].sum(), 1e-9))


def _spilled(roads: Roads, real: Floats, model: Floats) -> float:
    here = (real >= FULL * roads.storage) & (roads.storage >= 2)
    there = (model >= FULL * roads.storage) & (roads.storage >= 2)
    either = (here | there).sum()
    return float((here ^ there).sum() / either) if either else 0.0
