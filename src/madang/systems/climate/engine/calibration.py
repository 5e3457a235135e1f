"""The model's figures fitted to a city's weather stations, and whether that helps where none stands.

For each candidate of distances the model is a straight line: T = reference + urban heat x (1 - mixed
HM). Candidate and line are chosen by the stations of all blocks but one and judged on that one, block
by block, since a station's neighbour knows what it knows. Beside it stands the null model: everywhere
the mean of the other stations. Where the model is no better, the city should know.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.grid import Doubles
from madang.systems.climate.engine.refusal import Refusal

Candidate = TypeVar("Candidate", bound=Hashable)
FEWEST_BLOCKS = 3
# Student's t for 95 % by degrees of freedom; between two the smaller number of them counts
STUDENT = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
           15: 2.131, 20: 2.086, 30: 2.042, 60: 2.000}  # fmt: skip


@dataclass(frozen=True)
class Calibration(Generic[Candidate]):
    """The candidate and line from all stations; root mean square errors in °C on blocks not seen."""

    candidate: Candidate
    reference: float
    urban_heat: float
    error: float
    null_error: float
    blocks: int

    @property
    def helps(self) -> bool:
        return self.error < self.null_error


def half_width(error: float, blocks: int) -> float:
    """Half of the 95 % interval of a place without a station, °C, by the error on blocks left out."""
    return error * STUDENT[max(each for each in STUDENT if each <= max(2, blocks - 1))]


def blocks(x: Doubles, y: Doubles, size: float) -> NDArray[np.int64]:
    """Which square of `size` metres each station lies in, as numbers from 0."""
    squares = np.stack([np.floor(x / size), np.floor(y / size)], axis=1)
    _, found = np.unique(squares, axis=0, return_inverse=True)
    return np.asarray(found.reshape(-1), np.int64)


def calibrate(
    exposure: Mapping[Candidate, Doubles], measured: Doubles, block: NDArray[np.int64]
) -> Calibration[Candidate]:
    """Fit to `measured` °C; exposure holds 1 - mixed HM at the stations, for each candidate."""
    known = np.isfinite(measured)
    if not exposure or any(len(each) != len(measured) for each in exposure.values()):
        raise Refusal("uneven-stations", stations=len(measured))
    measured, block = measured[known], block[known]
    given = {key: values[known] for key, values in exposure.items()}
    names = np.unique(block)
    if len(names) < FEWEST_BLOCKS:
        raise Refusal("too-few-blocks", blocks=len(names), fewest=FEWEST_BLOCKS)
    apart, null = np.empty(len(measured)), np.empty(len(measured))
    for name in names:
        here = block == name
        best, line = _best(given, measured, ~here)
        apart[here] = line[0] + line[1] * given[best][here] - measured[here]
        null[here] = measured[~here].mean() - measured[here]
    best, line = _best(given, measured, np.ones(len(measured), np.bool_))
    return Calibration(best, line[0], line[1], _rms(apart), _rms(null), len(names))


def _best(
    given: Mapping[Candidate, Doubles], measured: Doubles, on: NDArray[np.bool_]
) -> tuple[Candidate, tuple[float, float]]:
    fits = {key: _line(values[on], measured[on]) for key, values in given.items()}
    errors = {
        key: _rms(line[0] + line[1] * given[key][on] - measured[on]) for key, line in fits.items()
    }
    best = min(errors, key=lambda key: errors[key])
    return best, fits[best]


def _line(x: Doubles, y: Doubles) -> tuple[float, float]:
    """Least squares with a slope that is not below 0: a city does not cool by lacking green."""
    spread = x - x.mean()
    variance = float(spread @ spread)
    slope = max(0.0, float(spread @ y) / variance) if variance > 0 else 0.0
    return float(y.mean() - slope * x.mean()), slope


def _rms(errors: Doubles) -> float:
    return float(np.sqrt(np.mean(errors**2)))
