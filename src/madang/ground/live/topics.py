"""What a screen can subscribe to: a kind of thing in a city, whole or in one cell of the map."""

from __future__ import annotations

import re
from dataclasses import dataclass

from madang.ground.live.cells import FURTHEST, SIZES

LONGEST_NAME = 200
_NAME = re.compile(
    r"(?P<city>[a-z][a-z0-9-]{0,39})/(?P<kind>[a-z][a-z0-9_]{0,39})"
    r"(?:/(?P<size>\d{1,5})/(?P<column>-?\d{1,5})/(?P<row>-?\d{1,5}))?"
)


class BadTopic(ValueError):
    """Not the name of a topic; the message says what a name looks like."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One square of the map; see cells."""

    size: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class TopicName:
    """`suwon/vehicles` or `suwon/vehicles/2048/-3/5`: city, kind and, for a part of the map, the cell."""

    city: str
    kind: str
    cell: Cell | None = None

    def __str__(self) -> str:
        if self.cell is None:
            return f"{self.city}/{self.kind}"
        return f"{self.city}/{self.kind}/{self.cell.size}/{self.cell.column}/{self.cell.row}"


def parse(text: str) -> TopicName:
    """The topic that text names; BadTopic when it names none."""
    found = _NAME.fullmatch(text) if len(text) <= LONGEST_NAME else None
    if found is None:
        raise BadTopic(f"'{text[:60]}' is no topic: write city/kind or city/kind/size/column/row")
    if found["size"] is None:
        return TopicName(found["city"], found["kind"])
    cell = Cell(int(found["size"]), int(found["column"]), int(found["row"]))
    if cell.size not in SIZES:
        raise BadTopic(f"there are no cells of {cell.size} m, only of {', '.join(map(str, SIZES))}")
    if max(abs(cell.column), abs(cell.row)) >= FURTHEST:
        raise BadTopic(f"'{text}' lies outside the map")
    return TopicName(found["city"], found["kind"], cell)
