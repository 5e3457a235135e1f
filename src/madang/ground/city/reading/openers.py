"""Formats that only a system knows: it registers who opens them in its AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from madang.ground.city.reading.sheets import Sheet


@dataclass(frozen=True)
class Opener:
    """A format: fits says by path and first bytes whether a file is of it; open_sheets gives its sheets
    or raises Refused; is_part says whether a file is read along with another one beside it."""

    key: str
    fits: Callable[[Path, bytes], bool]
    open_sheets: Callable[[Path, str], list[Sheet]]
    is_part: Callable[[Path], bool] = lambda path: False


_openers: dict[str, Opener] = {}


def register_opener(opener: Opener) -> None:
    """Add a format; the same key again replaces it."""
    _openers[opener.key] = opener


def opener_of(path: Path, head: bytes) -> Opener | None:
    return next((each for each in _openers.values() if each.fits(path, head)), None)


def goes_along(path: Path) -> bool:
    """Whether path is read along with another file that lies beside it."""
    return path.is_file() and any(each.is_part(path) for each in _openers.values())
