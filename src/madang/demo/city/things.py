"""What stands in the city: places, camera sites, devices and the vehicles of its services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import shapely


@dataclass(frozen=True)
class Place:
    """A place of a kind the city knows; x and y in metres, ground where its outline is known."""

    key: str
    kind: str
    name: str
    x: float
    y: float
    address: str = ""
    ground: shapely.Geometry | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CameraSite:
    """A pole: `fixed` cameras that look in `azimuths` (degrees from north), `turning` that can be turned."""

    key: str
    purpose: str
    use: str
    x: float
    y: float
    fixed: int
    turning: int
    azimuths: tuple[int, ...]
    megapixels: float
    installed: tuple[int, int]
    address: str = ""

    @property
    def cameras(self) -> int:
        return self.fixed + self.turning


@dataclass(frozen=True)
class Device:
    """A thing that speaks. x and y are where it stands (None: it moves); of is the key of its place.

    link is the number of the road link that it watches, or -1; node of the crossing, "A>B" of two.
    """

    key: str
    kind: str
    name: str
    x: float | None = None
    y: float | None = None
    of: str = ""
    link: int = -1
    node: str = ""


@dataclass(frozen=True)
class Vehicle:
    """A vehicle with a tracker: its device's key, its kind, and the key of the place it comes from."""

    key: str
    kind: str
    name: str
    home: str
