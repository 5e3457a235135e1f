"""The heads of the demo's turning cameras: where each looks now, and how fast it gets elsewhere.

Positions are in the generic spaces of ONVIF: pan and tilt from -1 to 1, zoom from 0 to 1. What they mean
in degrees is this camera's own affair, as of real ones.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from madang.demo.eyes.picture import Eye

PAN, DOWN, RISE = 170.0, 30.0, 45.0  # degrees: pan to either side; down at tilt 0; up from there
NEARER = 9.0  # at the end of its zoom a camera sees ten times as large
SPEEDS = (90 / PAN, 60 / RISE, 0.5)  # of what is 1 in each axis, a second
LOWEST, HIGHEST = (-1.0, -1.0, 0.0), (1.0, 1.0, 1.0)
LONGEST = 60.0  # seconds that a move goes on which says nothing of its end


class Position(NamedTuple):
    pan: float
    tilt: float
    zoom: float


HOME = Position(0.0, 0.4, 0.0)
FIRST = {
    "1": ("왼쪽 길", Position(-0.3, 0.4, 0.15)),
    "2": ("오른쪽 길", Position(0.3, 0.4, 0.15)),
    "3": ("멀리", Position(0.0, 0.55, 0.5)),
}


class Head:
    """One head; safe to ask and to turn from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._at, self._when = HOME, clock()
        self._velocity = Position(0.0, 0.0, 0.0)
        self._until = 0.0
        self._target: Position | None = None
        self.home = HOME
        self.presets = dict(FIRST)

    def at(self) -> Position:
        """Where it looks now."""
        with self._lock:
            return self._settle()

    @property
    def moving(self) -> bool:
        with self._lock:
            self._settle()
            return self._target is not None or any(self._velocity)

    def move(self, velocity: Position, seconds: float = LONGEST) -> None:
        """Turn with this share of its speed, for so long or until it is told otherwise."""
        with self._lock:
            self._settle()
            self._target = None
            self._velocity = Position(*(min(1.0, max(-1.0, one)) for one in velocity))
            self._until = self._when + min(seconds, LONGEST)

    def stop(self, *, turning: bool = True, zooming: bool = True) -> None:
        with self._lock:
            self._settle()
            self._target = None
            pan, tilt, zoom = self._velocity
            self._velocity = Position(
                0.0 if turning else pan, 0.0 if turning else tilt, 0.0 if zooming else zoom
            )

    def go(self, target: Position) -> None:
        """Turn there as fast as it can."""
        with self._lock:
            self._settle()
            self._velocity = Position(0.0, 0.0, 0.0)
            self._target = _within(target)

    def keep(self, name: str, token: str = "") -> str:
        """Remember where it looks as a preset; its token."""
        token = token or str(
            max((int(one) for one in self.presets if one.isdecimal()), default=0) + 1
        )
        self.presets[token] = (name, self.at())
        return token

    def _settle(self) -> Position:
        now = self._clock()
        if self._target is not None:
            self._at = self._nearer(self._target, now - self._when)
            if self._at == self._target:
                self._target = None
        elif any(self._velocity):
            span = max(0.0, min(now, self._until) - self._when)
            moved = zip(self._at, self._velocity, SPEEDS, strict=True)
            self._at = _within(Position(*(at + v * speed * span for at, v, speed in moved)))
            if now >= self._until:
                self._velocity = Position(0.0, 0.0, 0.0)
        self._when = now
        return self._at

    def _nearer(self, target: Position, span: float) -> Position:
        ways = zip(self._at, target, SPEEDS, strict=True)
        return Position(*(at + max(-s * span, min(s * span, to - at)) for at, to, s in ways))


def eye_of(home: Eye, at: Position) -> Eye:
    """What the camera sees that looks home at HOME."""
    wide = math.tan(math.radians(home.angle) / 2) / (1 + NEARER * at.zoom)
    return replace(
        home,
        bearing=(home.bearing + at.pan * PAN) % 360,
        tilt=DOWN - RISE * at.tilt,
        angle=math.degrees(2 * math.atan(wide)),
    )


def centred(home: Eye, at: Position, across: float, up: float, ratio: float = 9 / 16) -> Position:
    """Where the head must look for what is seen at (across, up) of the picture, each from -1 to 1, to be in
    its middle."""
    half = math.tan(math.radians(eye_of(home, at).angle) / 2)
    right = math.degrees(math.atan(across * half))
    rise = math.degrees(math.atan(up * half * ratio))
    return _within(Position(at.pan + right / PAN, at.tilt + rise / RISE, at.zoom))


def _within(at: Position) -> Position:
    ways = zip(at, LOWEST, HIGHEST, strict=True)
    return Position(*(max(low, min(high, one)) for one, low, high in ways))
