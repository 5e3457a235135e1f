"""A row on its way into a table of the city, and the words about where rows come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from madang.ground.city.models import FromDataSet

BATCH = 5_000


@dataclass(slots=True)
class Record:
    """One row for model's table.

    key is the stable name within the data set; values are the model's own columns by name; geometry
    is shapely, in lon/lat degrees, and gives point, outline, box, length and area. number is the row
    in the file; derived marks a row that the file does not hold, made beside its rows; shared says
    that rows without a name of their own may share the key: the second becomes key#2, the third key#3.
    id is given where another record names this one.
    """

    model: type[FromDataSet]
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    geometry: Any = None
    number: int = 0
    derived: bool = False
    shared: bool = False
    id: UUID | None = None


@dataclass(frozen=True)
class Source:
    """A data set in words: key in the city, names by language, who publishes it and on which terms."""

    key: str
    names: dict[str, str]
    source: str = ""
    licence: str = ""
    attribution: str = ""
    as_of: date | None = None
    simulated: bool = False


def batches(records: Iterable[Record], size: int = BATCH) -> Iterator[list[Record]]:
    """records in lists of at most size, so that memory does not grow with the file."""
    iterator = iter(records)
    while batch := list(islice(iterator, size)):
        yield batch
