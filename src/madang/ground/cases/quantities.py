"""What can be measured in a city, so that a level can be set for it; the rooms that know register it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Quantity:
    """One channel of one kind of device, as a threshold names it, with its unit and titles."""

    device_kind: str
    quantity: str
    unit: str
    title: str


Source = Callable[[UUID, str], Iterable[Quantity]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source: the quantities of the city with that id, titled in that language."""
    _sources.append(source)


def quantities(city: UUID, language: str) -> list[Quantity]:
    """Everything that a level can be set for in the city, by title."""
    found = [one for source in _sources for one in source(city, language)]
    return sorted(found, key=lambda one: one.title)
