"""Which live kind each device is of, and what it is called: read from sensing's table, kept up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from madang.ground.live import kinds
from madang.ground.live.kinds import Moving
from madang.ground.live.names import Name
from madang.ground.sensing.models import Device

FIRST_ROOM = 1024
NOBODY = -1
Place = tuple[str, str]


@dataclass(frozen=True)
class Listed:
    """One device as the table has it: its city's key, its name, and when its row changed."""

    city: str
    name: Name
    changed: datetime


class Roll:
    """The devices of every city. places[place_of[number]] is the city and live kind of a device."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.newest: datetime | None = None
        self._place_of: NDArray[np.int16] = np.full(FIRST_ROOM, NOBODY, dtype=np.int16)

    def take(self, devices: Iterable[Listed]) -> dict[Place, list[Name]]:
        """Take in rows of the table; the names by place."""
        told: dict[Place, list[Name]] = {}
        kind_of = _kinds_by_device()
        for device in devices:
            place = (device.city, kind_of.get(device.name.kind, OTHERS))
            self._reach(device.name.number)
            self._place_of[device.name.number] = self._number(place)
            told.setdefault(place, []).append(device.name)
            self.newest = max(self.newest or device.changed, device.changed)
        return told

    def split(self, city: str, numbers: NDArray[np.int32]) -> dict[Place, NDArray[np.intp]]:
        """The rows of each place, of a batch of one city; rows of devices not on the roll are left out."""
        known = (numbers >= 0) & (numbers < len(self._place_of))
        places = np.where(known, self._place_of[np.where(known, numbers, 0)], NOBODY)
        return {
            self.places[place]: np.flatnonzero(places == place)
            for place in np.unique(places).tolist()
            if place != NOBODY and self.places[place][0] == city
        }

    def lacks(self, numbers: NDArray[np.int32]) -> bool:
        """Whether a device is not on the roll: it may be new."""
        if not len(numbers):
            return False
        if int(numbers.max()) >= len(self._place_of):
            return True
        return bool((self._place_of[numbers[numbers >= 0]] == NOBODY).any())

    def _number(self, place: Place) -> int:
        if place not in self.places:
            self.places.append(place)
        return self.places.index(place)

    def _reach(self, number: int) -> None:
        while number >= len(self._place_of):
            room = len(self._place_of)
            self._place_of = np.pad(self._place_of, (0, room), constant_values=NOBODY)


OTHERS = "devices"  # the live kind of devices that no system claims for a kind of its own


def _kinds_by_device() -> dict[str, str]:
    moving = [kind for kind in kinds.kinds() if isinstance(kind, Moving)]
    return {device: kind.key for kind in moving for device in kind.devices}


def listed(since: datetime | None = None) -> Sequence[Listed]:
    """The devices whose rows changed since then (None: all), oldest change first."""
    rows = Device.objects.order_by("changed")
    if since is not None:
        rows = rows.filter(changed__gte=since)
    columns = ("city__key", "number", "key", "name", "kind__key", "simulated", "changed")
    return [
        Listed(city, Name(number, key, name or key, kind, simulated), changed)
        for city, number, key, name, kind, simulated, changed in rows.values_list(*columns)
    ]
