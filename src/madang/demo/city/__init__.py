"""The demo city: Suwon's outlines with an invented city inside them, of any size, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.ground.city.models import City


def make_if_missing(say: Callable[[str], None] = print) -> City | None:
    """Make the demo city at the first start of an installation; None where a real city has its key."""
    from madang.demo.city import making

    return making.make_if_missing(say)
