"""What grants and scopes speak of and this room does not know: the city's incidents and its cameras.

The rooms that have them say so when Django starts; without them no grant can be given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from madang.ground.web.registry import Text


@dataclass(frozen=True)
class Choice:
    """Something to choose: its id, and how people call it."""

    id: UUID
    words: str


OpenIncidents = Callable[[UUID], list[Choice]]  # city → incidents that are open, the newest first
FindCameras = Callable[[UUID, str], list[Choice]]  # city, words → cameras whose name has them
NameCameras = Callable[[UUID, Sequence[UUID]], list[Choice]]  # city, ids → those of them there are
Purposes = Callable[[], list[tuple[str, Text]]]  # what the register says cameras were installed for


@dataclass
class Sources:
    """What is registered; replaced as a whole by those who have it."""

    incidents: OpenIncidents = lambda city: []
    cameras: FindCameras = lambda city, words: []
    named: NameCameras = lambda city, ids: []
    purposes: Purposes = list


_sources = Sources()


def register_incidents(incidents: OpenIncidents) -> None:
    _sources.incidents = incidents


def register_cameras(cameras: FindCameras, named: NameCameras, purposes: Purposes) -> None:
    _sources.cameras, _sources.named, _sources.purposes = cameras, named, purposes


def open_incidents(city: UUID) -> list[Choice]:
    return _sources.incidents(city)


def find_cameras(city: UUID, words: str) -> list[Choice]:
    return _sources.cameras(city, words)


def name_cameras(city: UUID, ids: Sequence[UUID]) -> list[Choice]:
    return _sources.named(city, ids)


def purposes() -> list[tuple[str, Text]]:
    return _sources.purposes()
