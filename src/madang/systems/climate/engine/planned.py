"""A plan in memory: the city's heat with measures in it, what became of carbon, people and zones.

A plan shares with the city what no measure changes. Taking a measure back renews its window from the
city and from the measures that are left, so that the order in which things are undone does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from madang.systems.climate.engine import cooling
from madang.systems.climate.engine.corrected import City
from madang.systems.climate.engine.grid import Doubles, Floats, Grid, Window
from madang.systems.climate.engine.measures import Measure, Painted, Worth, overlapping
from madang.systems.climate.engine.swell import Tally
from madang.systems.climate.engine.tables import Places
from madang.systems.climate.engine.zones import Zones


@dataclass(frozen=True)
class Ground:
    """The city as it is: all that its plans share. people live in each cell; zones as for City; dark: the
    degrees of the night, with the distances of the day.
    """

    grid: Grid
    places: Places
    worth: Worth
    eto: Floats
    highest: float
    heat: City
    zones: Zones
    count: int
    people: Floats
    dark: cooling.Climate

    @cached_property
    def tally(self) -> Tally:
        """What the air's ripples come to by zone, by day and by night."""
        return self.heat.tallied(self.zones, self.count, self.people)

    @cached_property
    def night(self) -> City:
        """The city by night, made when it is first asked for; Refusal where the table lacks intensities."""
        everywhere = Window(0, self.grid.rows, 0, self.grid.columns)
        built, _ = self.worth.by_night(self.places, everywhere, ())
        return self.heat.otherwise(cooling.by_night(built, self.heat.mask), self.dark)

    @property
    def holds_night(self) -> bool:
        return "night" in vars(self)


class Planned:
    """A plan on a ground. gain is t C/ha more than before; sums and people as in corrected.Edited."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.heat = ground.heat.twin()
        self.heat.watch(ground.tally)
        self.measures: dict[int, Measure] = {}
        self.cooled: dict[int, Doubles] = {}  # of each measure: sums of shade, albedo, ETI changed
        self.gain = np.zeros(ground.grid.shape, np.float32)
        self._gained = 0.0  # the sum of gain
        self.sums: Doubles = np.zeros(ground.count)
        self.people: Doubles = np.zeros(ground.count)
        self._settled = True
        self._night: City | None = None
        self._night_sums: Doubles = np.zeros(ground.count)

    @property
    def night(self) -> City:
        """By night with the measures in it: only land that becomes another class changes it."""
        if not self._paints():
            self.forget_night()
            return self.ground.night
        if self._night is None:
            self._night = self.ground.night.twin()
            self._night.watch(self.ground.tally)
            for each in self._paints():
                self._renew_night(each.window)
            if self._settled:
                self._night.recompute()
        return self._night

    @property
    def night_sums(self) -> Doubles:
        """As sums, of the air by night."""
        _ = self.night
        return self._night_sums

    @property
    def holds_night(self) -> bool:
        return self._night is not None

    def forget_night(self) -> None:
        """Until it is asked for again."""
        self._night, self._night_sums = None, np.zeros(self.ground.count)

    def _paints(self) -> list[Painted]:
        return [each for each in self.measures.values() if isinstance(each, Painted)]

    def add(self, number: int, measure: Measure) -> Window:
        """Take a measure; the cells whose temperature is another now."""
        self.measures[number] = measure
        return self._renew(measure.window, number)

    def remove(self, number: int) -> Window:
        """Take it back."""
        self.cooled.pop(number, None)
        return self._renew(self.measures.pop(number).window)

    def kept(self, measures: Sequence[tuple[int, Measure]]) -> Window | None:
        """Put many at once: faster than one by one where they overlap."""
        reached: Window | None = None
        for number, measure in measures:
            found = self.add(number, measure)
            reached = found if reached is None else reached.joined(found)
        return reached

    @property
    def carbon(self) -> float:
        """t C more than before."""
        return self._gained * self.ground.grid.hectares

    @property
    def parts(self) -> Doubles:
        """Sums over the cells of what the measures change of shade, albedo and ETI."""
        return np.asarray(
            np.sum(list(self.cooled.values()), axis=0) if self.cooled else np.zeros(3)
        )

    def settle(self) -> None:
        """The air anew from capacities alone, which do not depend on the way that led to them."""
        if self._settled:
            return
        self.heat.recompute()
        if self._night is not None:
            self._night.recompute()
        self._settled = True

    def _renew(self, window: Window, added: int | None = None) -> Window:
        self._settled = False
        ground = self.ground
        places = ground.places[window.of]
        taken = [each for each in self.measures.values() if overlapping(each.window, window)]
        hectares = ground.grid.hectares
        now = ground.worth.of(places, window, taken, hectares)
        was = ground.worth.of(places, window, (), hectares)
        mask = ground.heat.mask[window.of]
        capacity = cooling.capacity(
            now.shade, now.albedo, now.kc, ground.eto[window.of], mask,
            ground.heat.climate.weights, ground.highest,
        )  # fmt: skip
        self._gained -= float(self.gain[window.of].sum(dtype=np.float64))
        self.gain[window.of] = now.carbon - was.carbon
        self._gained += float(self.gain[window.of].sum(dtype=np.float64))
        if added is not None:
            water = (now.kc - was.kc) * ground.eto[window.of] / np.float32(ground.highest)
            self.cooled[added] = np.array([
                float(each[mask].sum(dtype=np.float64))
                for each in (now.shade - was.shade, now.albedo - was.albedo, water)
            ])  # fmt: skip
        edited = self.heat.edit(window, capacity, now.green & mask)
        self.sums += edited.sums
        self.people += edited.people
        if self._night is not None:
            self._renew_night(window)
        return edited.window

    def _renew_night(self, window: Window) -> None:
        assert self._night is not None
        taken = [each for each in self._paints() if overlapping(each.window, window)]
        built, green = self.ground.worth.by_night(self.ground.places[window.of], window, taken)
        mask = self.ground.heat.mask[window.of]
        edited = self._night.edit(window, cooling.by_night(built, mask), green & mask)
        self._night_sums += edited.sums
