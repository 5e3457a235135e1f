"""The city's heat in memory, right where InVEST's arithmetic is not, and able to follow edits.

Beside `compatible`: green area is counted in whole numbers and 2 ha is 2 ha; layers belong to cells,
not to classes; a cell is known or not by a mask, never by a number that could be a value. Day and
night are two of these with different capacities.

Cells may be taken together in blocks: at 1 m what depends on hundreds of metres (the green within a
park's reach, the mixing of the air) is kept for blocks of 5 m, while capacity and mitigation stay
with the cells.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine import blocks as blocked
from madang.systems.climate.engine import counting, kernels, mitigating, rippling, swell
from madang.systems.climate.engine.blocks import Levels
from madang.systems.climate.engine.compiled import over_rows
from madang.systems.climate.engine.cooling import PARK, Climate
from madang.systems.climate.engine.counting import Shares
from madang.systems.climate.engine.grid import Doubles, Flags, Floats, Window
from madang.systems.climate.engine.mixing import Ripple, mixings
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.swell import At, Swell, Tally

NOBODY: tuple[Doubles, Doubles] = np.zeros(0), np.zeros(0)  # watches
PACES = 24  # a ripple's cells for each distance


@dataclass(frozen=True)
class Edited:
    """What an edit changed: the blocks whose temperature is another, and for each watched zone the
    change of its sum of temperatures and of people times them.
    """

    window: Window
    sums: Doubles
    people: Doubles


class City:
    """Air temperature over the cells of mask.

    capacity (float32, 0..1), green and mask have one shape, whose sides are multiples of `block`;
    the arrays are the city's own from here on. `temperature`, `park` and `mitigation` hold a number
    for each block; mitigation is the mean of the block's known cells.
    """

    def __init__(
        self,
        capacity: Floats,
        green: Flags,
        mask: Flags,
        climate: Climate,
        cell: float,
        block: int = 1,
    ) -> None:
        if any(side % block for side in mask.shape):
            raise Refusal("not-in-blocks", shape=mask.shape, block=block)
        if not mask.any():
            raise Refusal("nothing-known")
        self.capacity, self.green, self.mask = capacity, green, mask
        self.climate, self.block = climate, block
        self.known = blocked.counted(mask, block)
        self.distance = kernels.cells(climate.park_cooling, cell * block)
        self.radius = kernels.cells(climate.mixing, cell * block)
        self.disk = counting.disk_cells(self.distance) * block * block
        self.needed = int(np.ceil(PARK / cell**2 - 1e-9))
        shares = self.known.astype(np.float32) / np.float32(block * block)
        park, air = (kernels.exponential(each) for each in (self.distance, self.radius))
        self._parks, self.air = mixings(park, air, shares)
        self._park_ripple = Ripple(self.distance, park, max(1, self.distance // PACES))
        self._air_ripple = Ripple(self.radius, air, max(1, self.radius // PACES))
        self._levels = self._first_levels()
        self._tally: Tally | None = None
        self.recompute()

    def twin(self) -> City:
        """Another that begins as this is and goes its own way; what no edit changes is shared."""
        other = copy(self)
        for name in (
            "capacity",
            "green",
            "green_around",
            "park",
            "mitigation",
            "_written",
            "_swell",
        ):
            setattr(other, name, getattr(self, name).copy())
        alone = self.block == 1
        other._levels = (other.capacity,) * 3 if alone else _copied(self._levels)
        return other

    def otherwise(self, capacity: Floats, climate: Climate) -> City:
        """The same ground with other capacities and degrees, as by night; what both share is held once.

        climate has the distances of this one's.
        """
        other = copy(self)
        other.capacity, other.climate = capacity, climate
        other._levels = other._first_levels()
        other._renew()
        return other

    def recompute(self) -> None:
        """Everything anew from capacity and green; edits add up small errors that this takes away."""
        green = blocked.counted(self.green & self.mask, self.block)
        self.green_around, self.known_around = counting.within(
            self.distance, green, self.known, self.block**2
        )
        self._renew()

    def _renew(self) -> None:
        self.park = self._parks.mean(
            blocked.pooled(self.capacity, self.green, self.mask, self.block)
        )
        self.mitigation = np.zeros(self.known.shape, np.float32)
        self._mitigate(Window(0, self.known.shape[0], 0, self.known.shape[1]), self.mitigation)
        weighted = self.mitigation * self.known / np.float32(self.block**2)
        self._written = self._warmed(self.air.mean(weighted))
        self._swell = Swell(self.known.shape, self._air_ripple.pace)

    @property
    def temperature(self) -> Floats:
        """°C of each block, 0 where nothing is known."""
        self._swell.write(self.air.inverse, self._written)
        return self._written

    def temperature_at(self, rows: At, columns: At) -> Floats:
        """The temperature of single blocks (all of one shape, two sides), without writing that of all."""
        return self._swell.under(self._written, self.air.inverse, rows, columns)

    def _warmed(self, mitigation: Floats) -> Floats:
        """T = reference + (1 - mixed HM) * urban heat; 0 where nothing is known."""
        reference, heat = np.float32(self.climate.reference), np.float32(self.climate.urban_heat)
        degrees = reference + (np.float32(1) - mitigation) * heat
        return np.where(self.known > 0, degrees, np.float32(0))

    def tallied(self, zones: NDArray[np.int32], count: int, people: Floats | None = None) -> Tally:
        """What sums up edits by `count` zones (a number for each block, -1 for none)."""
        if zones.shape != self.known.shape or (people is not None and people.shape != zones.shape):
            raise Refusal(
                "other-shape", layer="zones", found=zones.shape, expected=self.known.shape
            )
        if count > 0 and int(zones.max()) >= count:
            raise Refusal("unknown-zone", zone=int(zones.max()), count=count)
        return swell.tally(self.air.inverse, self._air_ripple.pace, zones, count, people)

    def watch(self, by: Tally) -> None:
        """Say of each edit what it does to zones."""
        self._tally = by

    def edit(self, window: Window, capacity: Floats, green: Flags) -> Edited:
        """Put new capacity and green into the cells of window; cells that are not known stay so."""
        if window != window.grown(0, self.mask.shape):
            raise Refusal("outside-grid", extent=self.mask.shape)
        if capacity.shape != window.shape or green.shape != window.shape:
            raise Refusal("other-shape", layer="edit", found=capacity.shape, expected=window.shape)
        if not np.isfinite(capacity).all():
            raise Refusal("not-finite", layer="capacity", cells=int((~np.isfinite(capacity)).sum()))
        blocks, cooled, greened = self._put(window, capacity, green)
        anew = bool(greened.any())
        if anew:
            self._count(blocks, greened)
        reached = self._cool_parks(blocks, cooled, greened=anew)
        return self._mix(reached, self._mitigate_anew(reached))

    def _put(self, window: Window, capacity: Floats, green: Flags) -> tuple[Window, Floats, Shares]:
        """The blocks touched, and how much each gained of capacity over green and of green."""
        side = self.block
        blocks = Window(
            window.top // side, -(-window.bottom // side),
            window.left // side, -(-window.right // side),
        )  # fmt: skip
        cells = Window(*(edge * side for edge in (
            blocks.top, blocks.bottom, blocks.left, blocks.right)))  # fmt: skip
        parts = self.capacity[cells.of], self.green[cells.of], self.mask[cells.of]
        cooled, counted = blocked.pooled(*parts, side), blocked.counted(parts[1] & parts[2], side)
        known = self.mask[window.of]
        self.capacity[window.of][known] = capacity[known]
        self.green[window.of][known] = green[known]
        self._level(blocks)
        return (
            blocks,
            blocked.pooled(*parts, side) - cooled,
            blocked.counted(parts[1] & parts[2], side) - counted,
        )

    def _first_levels(self) -> Levels:
        """The lowest, highest and mean capacity of each block's known cells; a cell is its own."""
        if self.block == 1:
            return self.capacity, self.capacity, self.capacity
        low, high, mean = np.zeros((3, *self.known.shape), np.float32)
        self._levels = low, high, mean
        self._level(Window(0, self.known.shape[0], 0, self.known.shape[1]))
        return low, high, mean

    def _level(self, blocks: Window) -> None:
        if self.block == 1:
            return
        over_rows(
            blocks.shape[0],
            lambda a, b: blocked.level(
                self.capacity, self.mask, self.block, self._levels,
                blocks.top + a, blocks.top + b, blocks.left, blocks.right,
            ),
        )  # fmt: skip

    def _count(self, blocks: Window, greened: Shares) -> None:
        around = blocks.grown(self.distance, self.known.shape)
        self.green_around[around.of] += counting.spread(
            self.distance,
            greened,
            (blocks.top - around.top, around.bottom - blocks.bottom),
            (blocks.left - around.left, around.right - blocks.right),
        )

    def _cool_parks(self, blocks: Window, cooled: Floats, *, greened: bool) -> Window:
        """Renew CC_park; the blocks whose mitigation may be another now."""
        shape = self.known.shape
        if not cooled.any():
            return blocks.grown(self.distance, shape) if greened else blocks
        ripple = self._park_ripple
        together = rippling.together_of(blocks, cooled, ripple.pace)
        sums, corner = rippling.rippled(ripple, blocks, together)
        reached = blocks.grown((ripple.reach - 1) * ripple.pace, shape)
        over_rows(
            reached.shape[0],
            lambda a, b: rippling.add_ripple(
                sums, corner, ripple.pace, reached.top, reached.left, reached.right,
                self._parks.inverse, self.park, a, b,
            ),
        )  # fmt: skip
        return reached

    def _mitigate(self, window: Window, out: Floats) -> None:
        over_rows(
            window.shape[0],
            lambda a, b: mitigating.mitigate(
                self.capacity, self.mask, self.known, self._levels, self.park, self.green_around,
                self.known_around, self.disk, self.needed, self.block, out,
                window.top + a, window.top + b, window.left, window.right,
            ),
        )  # fmt: skip

    def _mitigate_anew(self, window: Window) -> Floats:
        """Renew mitigation; what that changed, taken together for the air's ripple."""
        pace = self._air_ripple.pace
        together = np.zeros(rippling.middles(window, pace).shape, np.float32)
        over_rows(
            len(together),
            lambda a, b: mitigating.mitigate_anew(
                self.capacity, self.mask, self.known, self._levels, self.park, self.green_around,
                self.known_around, self.disk, self.needed, self.block, self.mitigation,
                (window.top, window.bottom, window.left, window.right), pace, together, a, b,
            ),
        )  # fmt: skip
        return together

    def _mix(self, blocks: Window, together: Floats) -> Edited:
        """Spread a change of mitigation through the air, and say what became of it."""
        ripple = self._air_ripple
        sums, corner = rippling.rippled(ripple, blocks, together)
        sums *= np.float32(-self.climate.urban_heat)
        reached = blocks.grown((ripple.reach + 1) * ripple.pace, self.known.shape)
        part = self._swell.add(sums, corner, reached)
        return Edited(reached, *(self._tally.of(*part) if self._tally else NOBODY))


def _copied(levels: Levels) -> Levels:
    low, high, mean = (each.copy() for each in levels)
    return low, high, mean
