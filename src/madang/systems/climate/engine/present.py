"""The air of this moment: the pattern of the hot day, lifted to what weather stations measure.

T = reference + urban heat x (1 - mixed HM), where the urban heat is that of the hot day and the reference
is what the stations say: the mean of what each measures less what the pattern gives its place. How far
that is off is judged on stations left out, block by block, beside the plain mean of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.calibration import FEWEST_BLOCKS, half_width
from madang.systems.climate.engine.grid import Doubles
from madang.systems.climate.engine.refusal import Refusal


@dataclass(frozen=True)
class Present:
    """°C of the country around as the stations have it, and °C the pattern adds at most.

    error and null_error: root mean square of °C on blocks of stations left out, of the pattern and of
    the plain mean; None where stations stand in too few blocks to say.
    """

    reference: float
    urban_heat: float
    blocks: int
    error: float | None = None
    null_error: float | None = None

    @property
    def helps(self) -> bool | None:
        """Whether the pattern meets a station that it has not seen better than the plain mean does."""
        if self.error is None or self.null_error is None:
            return None
        return self.error < self.null_error

    @property
    def half_width(self) -> float | None:
        """Half of the 95 % interval of a place without a station, °C."""
        if self.error is None:
            return None
        return half_width(self.error, self.blocks)


def present(
    exposure: Doubles, measured: Doubles, block: NDArray[np.int64], urban_heat: float
) -> Present:
    """exposure is 1 - mixed HM at each station, measured °C there, block which stations are neighbours."""
    if not len(measured) or len(exposure) != len(measured) or len(block) != len(measured):
        raise Refusal("uneven-stations", stations=len(measured))
    levels = measured - urban_heat * exposure
    names = np.unique(block)
    if len(names) < FEWEST_BLOCKS:
        return Present(float(levels.mean()), urban_heat, len(names))
    apart, null = np.empty(len(measured)), np.empty(len(measured))
    for name in names:
        here = block == name
        apart[here] = levels[here] - levels[~here].mean()
        null[here] = measured[here] - measured[~here].mean()
    errors = (float(np.sqrt(np.mean(each**2))) for each in (apart, null))
    return Present(float(levels.mean()), urban_heat, len(names), *errors)
