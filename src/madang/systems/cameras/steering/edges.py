"""Within which angles a camera may look, and how fast it may turn towards an edge of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from madang.systems.cameras.models import Onvif

FREE = (-inf, inf)  # no edge: some heads turn round and round
SLACK = 0.004  # of what counts as at an edge: positions are said with a few digits


class Position(NamedTuple):
    """ONVIF's generic space: pan and tilt from -1 to 1, zoom from 0 to 1; or shares of full speed."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


STILL = Position()


@dataclass(frozen=True)
class Edges:
    """Lowest and highest of pan, tilt and zoom."""

    pan: tuple[float, float] = FREE
    tilt: tuple[float, float] = FREE
    zoom: tuple[float, float] = FREE

    @property
    def ways(self) -> tuple[tuple[float, float], ...]:
        return (self.pan, self.tilt, self.zoom)

    @property
    def any(self) -> bool:
        """Whether anything is closed at all."""
        return self.ways != (FREE, FREE, FREE)

    def hold(self, at: Position) -> bool:
        """Whether a camera may look there."""
        pairs = zip(at, self.ways, strict=True)
        return all(low - SLACK <= one <= high + SLACK for one, (low, high) in pairs)

    def nearest(self, at: Position) -> Position:
        """The nearest that it may look at."""
        pairs = zip(at, self.ways, strict=True)
        return Position(*(max(low, min(high, one)) for one, (low, high) in pairs))

    def braked(self, at: Position, wanted: Position, speeds: Position, ahead: float) -> Position:
        """What may be left of the velocity that is wanted, so that after `ahead` seconds at these full
        speeds the camera still looks where it may. Towards the inside everything may."""
        return Position(
            *(
                _braked(one, velocity, edges, speed * ahead)
                for one, velocity, edges, speed in zip(at, wanted, self.ways, speeds, strict=True)
            )
        )


def _braked(at: float, velocity: float, edges: tuple[float, float], reach: float) -> float:
    low, high = edges
    room = high - at if velocity > 0 else at - low
    if room <= SLACK / 2 and velocity:
        return 0.0
    most = room / max(reach, 1e-6)
    return max(-most, min(most, velocity))


def edges_of(onvif: Onvif) -> Edges:
    """As the footage officer recorded them."""
    return Edges(
        _way(onvif.pan_from, onvif.pan_to),
        _way(onvif.tilt_from, onvif.tilt_to),
        _way(None, onvif.zoom_to),
    )


def _way(low: float | None, high: float | None) -> tuple[float, float]:
    return (-inf if low is None else low, inf if high is None else high)
