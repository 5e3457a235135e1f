"""How far a file goes without a mark: a parser holds all that lies between two marks in memory."""

from __future__ import annotations

from typing import Protocol

from madang.ground.city.reasons import Refused

PIECE = 1 << 20
LONGEST = 4 << 20


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def refuse_long_stretches(file: Readable, mark: bytes, longest: int = LONGEST) -> None:
    """Read file to its end; Refused where more than longest bytes follow each other without mark."""
    since = 0
    while piece := file.read(PIECE):
        first, last = piece.find(mark), piece.rfind(mark)
        if since + (first if first >= 0 else len(piece)) > longest:
            raise Refused("endless-word", limit=f"{longest >> 20} MiB")
        since = len(piece) - last if last >= 0 else since + len(piece)
