"""What systems and the demo may call of the city."""

from __future__ import annotations

from madang.ground.city.domain.cities import make_city
from madang.ground.city.domain.following import follow
from madang.ground.city.domain.landing import RepeatedKeyError, write
from madang.ground.city.layers import Layer, TileSet, Zoom
from madang.ground.city.layers import register as register_layer
from madang.ground.city.layers import register_set as register_tile_set
from madang.ground.city.projection import to_degrees, to_metres
from madang.ground.city.queries.near import (
    along_road,
    nearest,
    overlapping,
    within_distance,
    within_polygon,
)
from madang.ground.city.queries.whereabouts import districts_of
from madang.ground.city.reading.openers import Opener, register_opener
from madang.ground.city.reading.rasters import RasterSheet
from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused, Rejected
from madang.ground.city.reasons import learn as learn_reasons
from madang.ground.city.recognisers.registry import Column, Reading, Recogniser, Row
from madang.ground.city.recognisers.registry import register as register_recogniser
from madang.ground.city.records import Record, Source

__all__ = [
    "Column",
    "Layer",
    "Opener",
    "RasterSheet",
    "Reading",
    "Recogniser",
    "Record",
    "Refused",
    "Rejected",
    "RepeatedKeyError",
    "Row",
    "Sheet",
    "Source",
    "SourceRow",
    "TileSet",
    "Zoom",
    "along_road",
    "districts_of",
    "follow",
    "learn_reasons",
    "make_city",
    "nearest",
    "overlapping",
    "register_layer",
    "register_opener",
    "register_recogniser",
    "register_tile_set",
    "to_degrees",
    "to_metres",
    "within_distance",
    "within_polygon",
    "write",
]
