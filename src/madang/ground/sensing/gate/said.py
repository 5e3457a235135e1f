"""What was said, before it is judged, and what of it was not believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from madang.ground.bus.columns import words
from madang.ground.sensing.messages import Quarantined

Reason = Literal[
    "malformed",
    "too_large",
    "unknown_channel",
    "not_a_number",
    "out_of_range",
    "outside_city",
    "future",
    "very_old",
    "too_fast",
    "too_many",
    "unknown_device",
    "denied",
]
LONGEST_SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it came: from whom (the keys of city and device), of what, and the bytes."""

    city: str
    device: str
    what: str
    payload: bytes


@dataclass(slots=True)
class Pile:
    """Facts of one device that were not believed for one reason: how many, and the first of them."""

    number: int
    facts: int
    sample: str


@dataclass
class Refused:
    """Everything that was not believed in one round, piled up by device and reason."""

    piles: dict[tuple[str, str, str, str], Pile] = field(default_factory=dict)

    def add(self, said: Said, number: int, reason: Reason, sample: str, facts: int = 1) -> None:
        name = (said.city, said.device, said.what, reason)
        pile = self.piles.get(name)
        if pile is None:
            self.piles[name] = Pile(number, facts, sample[:LONGEST_SAMPLE])
        else:
            pile.facts += facts

    def batches(self, source: str, now: int) -> Iterable[Quarantined]:
        """The piles as messages, one a city."""
        for city in sorted({name[0] for name in self.piles}):
            own = [(name, pile) for name, pile in self.piles.items() if name[0] == city]
            yield Quarantined(
                city=city,
                source=source,
                made=now,
                device=np.array([pile.number for _, pile in own], dtype=np.int32),
                key=words(name[1] for name, _ in own),
                what=words(name[2] for name, _ in own),
                reason=words(name[3] for name, _ in own),
                rows=np.array([pile.facts for _, pile in own], dtype=np.int32),
                time=np.full(len(own), now, dtype=np.int64),
                sample=words(pile.sample for _, pile in own),
            )


def beginning(payload: bytes) -> str:
    """The beginning of a payload as text: as it is where it is text, else in hexadecimal."""
    head = payload[:LONGEST_SAMPLE]
    if head.isascii() and all(byte >= 32 or byte in b"\r\n\t" for byte in head):
        return head.decode("ascii")
    text = head.decode("utf-8", errors="ignore")
    return text if text and text.isprintable() and text.encode() == head else head.hex(" ")
