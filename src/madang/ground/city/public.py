"""What systems and the demo may call of the city."""

from __future__ import annotations

from madang.ground.city.domain.cities import make_city
from madang.ground.city.domain.landing import RepeatedKeyError, write
from madang.ground.city.reasons import Refused, Rejected
from madang.ground.city.recognisers.registry import Column, Reading, Recogniser, Row
from madang.ground.city.recognisers.registry import register as register_recogniser
from madang.ground.city.records import Record, Source

__all__ = [
    "Column",
    "Reading",
    "Recogniser",
    "Record",
    "Refused",
    "Rejected",
    "RepeatedKeyError",
    "Row",
    "Source",
    "make_city",
    "register_recogniser",
    "write",
]
