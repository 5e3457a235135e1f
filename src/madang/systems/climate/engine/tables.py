"""What a class of land cover is worth: dated coefficients, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.grid import Doubles, Floats
from madang.systems.climate.engine.refusal import Refusal

UNKNOWN = 255  # the place in a table of a cell whose class is not known

# name: lowest and highest that is believed
RANGES: Mapping[str, tuple[float, float]] = {
    "shade": (0, 1),
    "kc": (0, 2),
    "albedo": (0, 1),
    "green": (0, 1),
    "intensity": (0, 1),
    "aboveground": (0, 1_000),
    "belowground": (0, 1_000),
    "soil": (0, 1_000),
    "dead": (0, 1_000),
    "uptake": (-20, 50),
    "biotope": (0, 1),
}
NAMES = tuple(RANGES)
POOLS = NAMES[5:9]
Places = NDArray[np.uint8]
Land = NDArray[np.signedinteger] | NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Coefficient:
    """One figure of a class: pools in t C/ha, uptake in t C/ha a year, the others shares; who says so,
    and as of when.
    """

    value: float
    source: str
    as_of: date


@dataclass(frozen=True)
class LandClass:
    """A class by the number it has in rasters. A figure that nobody gave is not there."""

    code: int
    name: str
    coefficients: Mapping[str, Coefficient]


class Table:
    """Classes in the order of their codes; a cell holds the place of its class here, or UNKNOWN."""

    def __init__(self, classes: Iterable[LandClass]) -> None:
        self.classes = tuple(sorted(classes, key=lambda each: each.code))
        if not 0 < len(self.classes) <= UNKNOWN:
            raise Refusal("no-classes", count=len(self.classes), limit=UNKNOWN)
        for before, after in zip(self.classes, self.classes[1:], strict=False):
            if before.code == after.code:
                raise Refusal("class-twice", code=after.code)
        for each in self.classes:
            _check(each)

    @property
    def codes(self) -> NDArray[np.int64]:
        return np.array([each.code for each in self.classes], np.int64)

    def places(self, land: Land, nodata: int | None) -> Places:
        """The place of each cell's class; Refusal that names the codes the table does not have."""
        low, high = int(land.min()), int(land.max())
        found = np.full(high - low + 1, UNKNOWN, np.uint8)
        for place, code in enumerate(self.codes.tolist()):
            if low <= code <= high:
                found[code - low] = place
        out = found[land.astype(np.int64) - low]
        missing = (out == UNKNOWN) & ((land != nodata) if nodata is not None else True)
        if missing.any():
            codes = np.unique(land[missing]).tolist()
            raise Refusal("unknown-class", codes=codes[:20], cells=int(missing.sum()))
        return np.asarray(out, np.uint8)

    def column(self, name: str) -> Doubles:
        """One figure of all places; UNKNOWN's is 0. Refusal that names a class without it."""
        out = np.zeros(256)
        for place, each in enumerate(self.classes):
            if name not in each.coefficients:
                raise Refusal("no-coefficient", name=name, code=each.code)
            out[place] = each.coefficients[name].value
        return out

    def layer(self, name: str, places: Places) -> Floats:
        """One figure of every cell."""
        return np.asarray(self.column(name).astype(np.float32)[places], np.float32)


def _check(each: LandClass) -> None:
    for name, coefficient in each.coefficients.items():
        if name not in RANGES:
            raise Refusal("unknown-coefficient", name=name, code=each.code, known=", ".join(NAMES))
        if not coefficient.source.strip():
            raise Refusal("no-source", name=name, code=each.code)
        least, most = RANGES[name]
        if not least <= coefficient.value <= most:  # a NaN is not within either
            raise Refusal(
                "coefficient-out-of-range", name=name, code=each.code, value=coefficient.value,
                least=least, most=most,
            )  # fmt: skip
