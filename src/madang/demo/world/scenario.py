"""A scenario: what is made to happen and when, in a TOML file.

[[event]]
after = 120            # seconds after the world begins
kind = "rain"          # mm an hour from then on
value = 40

[[event]]
after = 300
kind = "flood"         # the water at this gauge rises to so many metres
device = "UPLEVEL-001"
value = 0.35

[[event]]
after = 60
kind = "call"          # a call of this kind at this place, or anywhere
call = "fire"
x = 202000.0           # metres in the city's CRS
y = 521000.0

[[event]]
after = 30
kind = "silence"       # this device says nothing from then on; value = seconds, without: for good
device = "WEATHER-002"

[[event]]
after = 40
kind = "clock"         # the clocks of these devices (* stands for anything) go wrong by value seconds
device = "BUS-01*"
value = 3600
seconds = 60           # for so long; without: for good

[[event]]
after = 40
kind = "stutter"       # they say everything twice, the later of two words first
device = "TAXI-0*"
seconds = 60

[[event]]
after = 40
kind = "babble"        # they say everything value times, each a millisecond later
device = "BUS-02*"
value = 200
seconds = 20

[[event]]
after = 120
kind = "accident"      # lanes (1 of the left if not said) of a road are blocked for seconds; it is passed
road = "L000123"       # slowly, and an ambulance and the police are called; without road: at x, y
seconds = 1800

[[event]]
after = 120
kind = "roadworks"     # the same from the right, past which value km/h are driven (30 if not said)
road = "L000124"
lanes = 2
value = 20
seconds = 7200

[[event]]
after = 120
kind = "closure"       # the whole road, or so many lanes of it
road = "L000125"
seconds = 3600

[[event]]
after = 120
kind = "limit"         # nobody drives faster than value km/h
road = "L000126"
value = 30
seconds = 3600

[[event]]
after = 600
kind = "dry"           # rain and water are left to themselves again
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

OF_DEVICES = ("flood", "silence", "clock", "stutter", "babble")
OF_ROADS = ("closure", "roadworks", "accident", "limit")
SLOWEST_KMH = 5.0


class ScenarioError(ValueError):
    """The file is no scenario; the message says where and why."""


class Event(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One thing that happens `after` seconds of the world's time."""

    after: float
    kind: Literal[
        "rain", "dry", "flood", "call", "silence", "clock", "stutter", "babble",
        "closure", "roadworks", "accident", "limit",
    ]  # fmt: skip
    value: float | None = None
    seconds: float = math.inf
    device: str = ""
    call: Literal["rescue", "fire", "police"] = "rescue"
    x: float | None = None
    y: float | None = None
    road: str = ""
    lanes: int | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    event: list[Event] = []


def read(path: Path) -> list[Event]:
    """The events of the file in the order of their times."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ScenarioError(f"{path} cannot be used as a scenario: {error}") from error
    for number, event in enumerate(found.event, 1):
        _check(path, number, event)
    return sorted(found.event, key=lambda event: event.after)


def _check(path: Path, number: int, event: Event) -> None:
    if event.after < 0:
        raise ScenarioError(
            f"{path}, event {number}: after = {event.after} is before the beginning."
        )
    if event.kind in ("rain", "flood") and (event.value is None or event.value < 0):
        raise ScenarioError(f"{path}, event {number}: a {event.kind} needs a value from 0 on.")
    if event.kind in ("clock", "babble") and event.value is None:
        raise ScenarioError(f"{path}, event {number}: {event.kind} needs a value.")
    if event.kind in OF_DEVICES and not event.device:
        raise ScenarioError(f"{path}, event {number}: {event.kind} needs the key of a device.")
    if (event.x is None) != (event.y is None):
        raise ScenarioError(f"{path}, event {number}: give x and y, or neither.")
    if event.kind in OF_ROADS:
        _check_road(f"{path}, event {number}", event)
    elif event.road or event.lanes is not None:
        raise ScenarioError(f"{path}, event {number}: a {event.kind} has no road and no lanes.")


def _check_road(where: str, event: Event) -> None:
    if bool(event.road) == (event.x is not None):
        raise ScenarioError(f"{where}: a {event.kind} needs either a road or its x and y.")
    if event.kind == "limit" and event.value is None:
        raise ScenarioError(f"{where}: a limit needs a value, the km/h that may be driven.")
    if event.value is not None and not event.value >= SLOWEST_KMH:
        raise ScenarioError(f"{where}: value = {event.value} km/h is below {SLOWEST_KMH:g}.")
    if event.lanes is not None and (event.lanes < 1 or event.kind == "limit"):
        raise ScenarioError(f"{where}: lanes = {event.lanes} cannot be closed by a {event.kind}.")
    if not event.seconds > 0:
        raise ScenarioError(f"{where}: seconds = {event.seconds} is no time in which it lasts.")
