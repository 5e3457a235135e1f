"""On what a plan's figures stand: the hot day that is looked at, and the years trees are given.

They are the planner's, not measured ones: kept with the plan, shown with every result, so that the
same plan gives the same numbers again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from madang.systems.climate.engine.cooling import Climate
from madang.systems.climate.engine.refusal import Refusal


@dataclass(frozen=True)
class Premises:
    """reference °C of the country around, urban_heat °C the city is warmer at most, metres, hours of
    the hot day, years until trees and carbon are looked at. energy: kWh for a person's degree-hour,
    by energy_source; None is unknown, and so is all energy then.
    """

    reference: float = 30.0
    urban_heat: float = 3.5
    mixing: float = 500.0
    park_cooling: float = 450.0
    hours: float = 8.0
    years: int = 30
    energy: float | None = None
    energy_source: str = ""

    @property
    def climate(self) -> Climate:
        return Climate(self.reference, self.urban_heat, self.mixing, self.park_cooling)


def read(said: Mapping[str, object]) -> Premises:
    """What a plan keeps, or a person gave, as Premises; Refusal where that cannot be."""
    names = {field.name for field in fields(Premises)}
    unknown = sorted(set(said) - names)
    if unknown:
        raise Refusal("unknown-premise", names=", ".join(unknown), known=", ".join(sorted(names)))
    found = Premises(**said)  # type: ignore[arg-type]
    _ = found.climate
    if not (0 < found.hours <= 24 and 1 <= found.years <= 100):
        raise Refusal("bad-premise", hours=found.hours, years=found.years)
    if found.energy is not None and not (found.energy >= 0 and found.energy_source.strip()):
        raise Refusal("energy-without-source")
    return found


def said(premises: Premises) -> dict[str, object]:
    return asdict(premises)
