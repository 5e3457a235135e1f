"""A picture that a page will ask for in a moment is pulled already while the page is on its way."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

Warm = Callable[[UUID, str], None]
_warm: list[Warm] = []  # of this web process, while it shows pictures


def begin(warm: Warm) -> None:
    _warm[:] = [warm]


def end() -> None:
    _warm.clear()


def soon(camera: UUID, which: str) -> None:
    """Whoever asks has been let in: the stream will be wished for."""
    for warm in _warm:
        warm(camera, which)
