"""On what a plan's figures stand: the hot day that is looked at, and the years trees are given.

They are the planner's, not measured ones: kept with the plan, shown with every result, so that the
same plan gives the same numbers again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from madang.systems.climate.engine import doubt
from madang.systems.climate.engine.cooling import Climate
from madang.systems.climate.engine.grid import Doubles
from madang.systems.climate.engine.refusal import Refusal

OF_CALIBRATION = ("calibration", "error", "null_error", "half_width")


@dataclass(frozen=True)
class Premises:
    """reference °C of the country around, urban_heat °C the city is warmer at most, metres, hours of
    the hot day, years until trees and carbon are looked at. energy: kWh for a person's degree-hour,
    by energy_source; None is unknown, and so is all energy then. calibration: the id of the Fit to
    weather stations that the first four are of, with its error, that of the plain mean, and half of
    the 95 % interval of a place without a station, in °C. The night after it has degrees of its own,
    which are always assumed: 25 °C is what the weather service calls a tropical night (열대야).
    """

    reference: float = 30.0
    urban_heat: float = 3.5
    mixing: float = 500.0
    park_cooling: float = 450.0
    hours: float = 8.0
    years: int = 30
    energy: float | None = None
    energy_source: str = ""
    calibration: str = ""
    error: float | None = None
    null_error: float | None = None
    half_width: float | None = None
    night_reference: float = 25.0
    night_urban_heat: float = 4.0

    @property
    def climate(self) -> Climate:
        return Climate(self.reference, self.urban_heat, self.mixing, self.park_cooling)

    @property
    def night(self) -> Climate:
        return Climate(self.night_reference, self.night_urban_heat, self.mixing, self.park_cooling)

    def ranges(self, celsius: Doubles, parts: Doubles) -> Doubles:
        """°C between which the air of each place is in 95 % of cases, (places, 2): by the stations left
        out where there is a fit, else by draws; parts as for doubt.degrees.
        """
        return warmth(celsius, self.climate, parts, self.half_width)


def warmth(celsius: Doubles, climate: Climate, parts: Doubles, half: float | None) -> Doubles:
    if half is None:
        return doubt.degrees(celsius, climate, parts)
    degrees = np.asarray(celsius, np.float64)
    return np.stack([degrees - half, degrees + half], axis=1)


def read(said: Mapping[str, object]) -> Premises:
    """What a plan keeps, or a person gave, as Premises; Refusal where that cannot be."""
    names = {field.name for field in fields(Premises)}
    unknown = sorted(set(said) - names)
    if unknown:
        raise Refusal("unknown-premise", names=", ".join(unknown), known=", ".join(sorted(names)))
    found = Premises(**said)  # type: ignore[arg-type]
    _ = found.climate, found.night
    if not (0 < found.hours <= 24 and 1 <= found.years <= 100):
        raise Refusal("bad-premise", hours=found.hours, years=found.years)
    if found.energy is not None and not (found.energy >= 0 and found.energy_source.strip()):
        raise Refusal("energy-without-source")
    return found


def said(premises: Premises) -> dict[str, object]:
    """As data; what is of a calibration stands there only with one."""
    found = asdict(premises)
    if not premises.calibration:
        for name in OF_CALIBRATION:
            del found[name]
    return found
