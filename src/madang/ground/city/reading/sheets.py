"""A table or layer in a file, whatever its format: named columns, rows that can be read again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from madang.ground.city.reasons import Because, Note

Kind = Literal["table", "map", "osm", "raster"]


@dataclass(slots=True)
class SourceRow:
    """One row as the file has it. number counts as a person would; geometry is in the file's CRS.

    problem says why a row could not even be read; weight is about how many bytes of the file it took.
    """

    number: int
    values: dict[str, Any]
    geometry: Any = None
    problem: Because | None = None
    weight: int = 0


@dataclass
class Sheet(ABC):
    """Rows of one kind in one file. rows() begins anew each time and never holds them all."""

    path: Path
    name: str
    columns: tuple[str, ...] = ()
    kind: Kind = "table"
    crs: str | None = None
    fraction: float = 0.0
    notes: list[Note] = field(default_factory=list)

    @abstractmethod
    def rows(self) -> Iterator[SourceRow]:
        """The rows in order; Refused where the file breaks off."""
