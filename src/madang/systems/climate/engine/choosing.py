"""Which roofs and streets to green under a budget: a choice, and how far it can be from the best one.

What a measure is worth to each goal (t CO2, people-degrees …) adds up; a goal may be worth less the
more of it a district has already, which is how equity is weighed: power 1 counts everybody's alike,
below 1 the first degree of a district counts more than its tenth. Such a worth has diminishing
returns, so a lazy greedy choice is good (Leskovec et al. 2007), and what the budget could buy if
measures came in parts bounds what any choice can reach.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.corrected import City
from madang.systems.climate.engine.grid import Doubles, Floats
from madang.systems.climate.engine.mixing import Mixing
from madang.systems.climate.engine.refusal import Refusal

Whole = NDArray[np.int64]
LEAST = 1e-3  # of what a district could have: a tangent at nothing would be upright


@dataclass(frozen=True)
class Measures:
    """What could be done: cost of each, what it gives to each goal (n, goals), its district (n,)."""

    cost: Doubles
    gives: Doubles
    district: Whole

    def __post_init__(self) -> None:
        if self.gives.ndim != 2 or not len(self.cost) == len(self.gives) == len(self.district):
            raise Refusal(
                "other-shape", layer="gives", found=self.gives.shape, expected=self.cost.shape
            )
        wrong = ~((self.cost > 0) & np.isfinite(self.cost) & (self.gives >= 0).all(axis=1))
        wrong |= ~np.isfinite(self.gives).all(axis=1) | (self.district < 0)
        if wrong.any():
            raise Refusal("bad-measure", measure=int(np.argmax(wrong)), count=int(wrong.sum()))


@dataclass(frozen=True)
class Goals:
    """What one unit of each goal is worth, and the power of a district's sum (0 < power <= 1)."""

    weights: Doubles
    powers: Doubles

    def __post_init__(self) -> None:
        powers_fit = ((self.powers > 0) & (self.powers <= 1)).all()
        if len(self.weights) != len(self.powers) or (self.weights < 0).any() or not powers_fit:
            raise Refusal("bad-goals", weights=self.weights.tolist(), powers=self.powers.tolist())

    def worth(self, sums: Doubles) -> Doubles:
        """Of districts' sums by goal, (…, goals)."""
        return np.asarray((self.weights * sums**self.powers).sum(axis=-1))


@dataclass(frozen=True)
class Choice:
    """The measures in the order they were taken, what they cost and are worth, and the most that any
    choice for this money can be worth.
    """

    measures: Whole
    cost: float
    worth: float
    bound: float

    @property
    def gap(self) -> float:
        """The share of the bound that may be missing; the best choice lies within it."""
        return 0.0 if self.bound <= 0 else max(0.0, 1 - self.worth / self.bound)


def choose(measures: Measures, goals: Goals, budget: float) -> Choice:
    """The better of two: lazily the most worth for its cost first, and the best single measure."""
    if measures.gives.shape[1] != len(goals.weights):
        raise Refusal("bad-goals", weights=goals.weights.tolist(), powers=goals.powers.tolist())
    if not (np.isfinite(budget) and budget >= 0):
        raise Refusal("bad-budget", budget=budget)
    affordable = np.flatnonzero(measures.cost <= budget)
    if not len(affordable):
        return Choice(np.empty(0, np.int64), 0.0, 0.0, 0.0)
    greedy = _Greedy(measures, goals, budget, affordable)
    greedy.run()
    alone = goals.worth(measures.gives[affordable])
    best = int(np.argmax(alone))
    bound = greedy.bound()
    if alone[best] > greedy.worth:
        only = affordable[[best]]
        return Choice(only, float(measures.cost[only[0]]), float(alone[best]), bound)
    taken = np.array(greedy.taken, np.int64)
    return Choice(taken, greedy.cost, greedy.worth, max(bound, greedy.worth))


class _Greedy:
    def __init__(
        self, measures: Measures, goals: Goals, budget: float, affordable: NDArray[np.intp]
    ) -> None:
        self.measures, self.goals, self.budget = measures, goals, budget
        self.left = affordable
        self.sums = np.zeros((int(measures.district.max()) + 1, measures.gives.shape[1]))
        self.taken: list[int] = []
        self.cost = self.worth = 0.0

    def gains(self, which: NDArray[np.intp]) -> Doubles:
        """What each of which would add to what is taken."""
        here = self.sums[self.measures.district[which]]
        return self.goals.worth(here + self.measures.gives[which]) - self.goals.worth(here)

    def run(self) -> None:
        gains = self.gains(self.left)
        cost = self.measures.cost
        heap = [
            (-gain / cost[n], int(n)) for n, gain in zip(self.left.tolist(), gains, strict=True)
        ]
        heapq.heapify(heap)
        while heap:
            _, measure = heapq.heappop(heap)
            if self.cost + cost[measure] > self.budget:
                continue
            gain = float(self.gains(np.array([measure]))[0])
            if heap and -gain / cost[measure] > heap[0][0]:
                heapq.heappush(heap, (-gain / cost[measure], measure))
                continue
            self.take(measure, gain)

    def take(self, measure: int, gain: float) -> None:
        self.sums[self.measures.district[measure]] += self.measures.gives[measure]
        self.cost += float(self.measures.cost[measure])
        self.worth += gain
        self.taken.append(measure)

    def bound(self) -> float:
        """The most that any choice for the budget can be worth, bought in parts: worth is concave in
        the districts' sums, so it lies below its tangent at any sums, and at the sums reached the
        tangent is close.
        """
        here, offered = self.measures, np.zeros_like(self.sums)
        np.add.at(offered, here.district[self.left], here.gives[self.left])
        at = np.where(offered > 0, np.maximum(self.sums, LEAST * offered), 1.0)
        steep = self.goals.weights * self.goals.powers * at ** (self.goals.powers - 1)
        gains = (steep[here.district[self.left]] * here.gives[self.left]).sum(axis=1)
        cost = here.cost[self.left]
        order = np.argsort(-gains / cost, kind="stable")
        before = np.cumsum(cost[order]) - cost[order]
        parts = np.clip((self.budget - before) / cost[order], 0, 1)
        level = self.goals.worth(at) - (steep * at).sum(axis=1)
        idle = (offered <= 0) * (self.goals.weights - steep)
        return float(level.sum() - idle.sum() + (gains[order] * parts).sum())


def exposure(city: City, people: Floats) -> Floats:
    """People-degrees less for each unit of mitigation in a block: how many breathe its air, times the
    urban heat. The mixing of the air read backwards, so that no measure needs a run of the model.
    """
    if people.shape != city.known.shape:
        raise Refusal("other-shape", layer="people", found=people.shape, expected=city.known.shape)
    air: Mixing = city.air
    shares = city.known.astype(np.float32) / np.float32(city.block**2)
    breathed = air.convolution.of(np.where(city.known > 0, people, 0) * air.inverse)
    return np.asarray(breathed * shares * np.float32(city.climate.urban_heat), np.float32)
