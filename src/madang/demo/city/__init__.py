"""The demo city: Suwon's outlines with an invented city inside them, of any size, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.ground.city.models import City

KEY = "demo"


def make_if_missing(say: Callable[[str], None] = print) -> City | None:
    """The demo city, made now if there is none; None where its key is that of a real city.

    What it takes to make one is loaded only then: every start of the platform asks here.
    """
    from madang.ground.city.models import City

    city = City.objects.filter(key=KEY).first()
    if city is not None:
        return _looked_after(city, say) if city.simulated else None
    from madang.demo.city.making import make

    say("  the demo city …")
    return make(KEY, say=lambda text: say(f"    {text}"))


def _looked_after(city: City, say: Callable[[str], None]) -> City:
    from madang.demo.city.earlier import look_after

    look_after(city, say)
    return city
