"""What systems and the demo may call of the city."""

from __future__ import annotations

from madang.ground.city.domain.cities import make_city
from madang.ground.city.domain.landing import RepeatedKeyError, write
from madang.ground.city.records import Record, Source

__all__ = ["Record", "RepeatedKeyError", "Source", "make_city", "write"]
