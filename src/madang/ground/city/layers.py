"""The layers of the map: what each draws, what it says of a thing, and who may have it.

Systems add theirs with `register`. Who may have a layer is decided here for all of them, in ACCESS, and
a layer that is not named there asks for a signed-in account.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import District, Place, RoadLink, RoadNode, Shape

Drawn = Literal["point", "outline"]

PUBLIC, SIGNED_IN = "public", "signed-in"
ACCESS = {
    "districts": PUBLIC,
    "roads": PUBLIC,
    "crossings": PUBLIC,
    "places": PUBLIC,
    "water": PUBLIC,
    "parks": PUBLIC,
    "hills": PUBLIC,
    "rails": PUBLIC,
    "buildings": PUBLIC,
    "cameras": PUBLIC,
    "devices": SIGNED_IN,
    "vehicles": SIGNED_IN,
    "replay": SIGNED_IN,
}


@dataclass(frozen=True)
class Zoom:
    """From which zoom a layer is in tiles: least for all, by column value where that differs.

    least_size is in tile units (4096 a tile): smaller areas are left out.
    """

    least: int = 0
    column: str = ""
    by_value: dict[str, int] = field(default_factory=dict)
    least_size: float = 0.0

    def values(self, zoom: int) -> list[str] | None:
        """The values of column that zoom shows, or None where all are shown."""
        if not self.column or zoom >= max(self.by_value.values()):
            return None
        return [value for value, least in self.by_value.items() if zoom >= least]


@dataclass(frozen=True)
class Layer:
    """Rows of one table, drawn as points or outlines.

    properties are (name, SQL expression) over the table's columns, written by us; equal narrows the
    rows by column; tiled are the names that tiles carry (GeoJSON and CSV carry all).
    """

    key: str
    title: str | Promise
    model: type[Model]
    drawn: Drawn
    properties: tuple[tuple[str, str], ...]
    equal: dict[str, list[str]] = field(default_factory=dict)
    tiled: tuple[str, ...] = ()
    zoom: Zoom = field(default_factory=Zoom)
    order: str = ""

    @property
    def access(self) -> str:
        return ACCESS.get(self.key, SIGNED_IN)

    def open_to(self, user: Any) -> bool:
        return self.access == PUBLIC or bool(user.is_authenticated)


@dataclass(frozen=True)
class TileSet:
    """Layers that travel together in one tile."""

    key: str
    layers: tuple[str, ...]
    most_zoom: int = 16

    def open_to(self, user: Any) -> bool:
        return all(layer(key).open_to(user) for key in self.layers)


_layers: dict[str, Layer] = {}
_sets: dict[str, TileSet] = {}


def register(layer: Layer) -> None:
    """Add a layer; the same key again replaces it."""
    _layers[layer.key] = layer


def register_set(tiles: TileSet) -> None:
    _sets[tiles.key] = tiles


def layers() -> list[Layer]:
    return list(_layers.values())


def layer(key: str) -> Layer:
    return _layers[key]


def tile_sets() -> list[TileSet]:
    return list(_sets.values())


def tile_set(key: str) -> TileSet:
    """The set of that name, or the set of one layer; KeyError where there is neither."""
    return _sets.get(key) or TileSet(key, (_layers[key].key,))


NAMES = (
    ("name", "coalesce(names->>'ko', names->>'en', '')"),
    ("name_en", "names->>'en'"),
    ("name_ja", "names->>'ja'"),
)
NAMED = ("name", "name_en", "name_ja")
LEVELS = {"si": 0, "gu": 0, "dong": 11}
RANKS = {
    "motorway": 0,
    "expressway": 0,
    "national": 0,
    "metropolitan": 9,
    "provincial": 10,
    "city": 11,
    "ramp": 12,
    "local": 13,
    "service": 14,
}
SEEN_FROM_AFAR = {
    kind: zoom
    for zoom, kinds in {
        11: ("hospital", "fire-station", "university", "station"),
        13: ("school", "police", "office", "library", "market", "landmark", "underpass"),
        14: ("kindergarten", "park", "car-park", "shelter", "senior-facility", "child-zone"),
        15: ("bus-stop", "bell", "speed-camera", "shade"),
    }.items()
    for kind in kinds
}
HEIGHT = (
    "CASE jsonb_typeof(details->'height_m') WHEN 'number' THEN (details->>'height_m')::float END"
)
DETAIL = (("details", "details"),)


def _shapes(
    key: str, title: Promise, kinds: list[str], zoom: Zoom, *more: tuple[str, str]
) -> Layer:
    return Layer(
        key,
        title,
        Shape,
        "outline",
        (("kind", "kind"), ("name", "name"), ("area_m2", "area_m2"), *more, *DETAIL),
        {"kind": kinds},
        ("kind", "name", *(name for name, _sql in more)),
        zoom,
    )


def register_own() -> None:
    """The city's layers and the set that is under every map."""
    register(
        Layer(
            "districts",
            _("Districts"),
            District,
            "outline",
            (
                ("key", "key"),
                ("level", "level"),
                ("parent", "parent_key"),
                *NAMES,
                ("area_m2", "area_m2"),
            ),
            tiled=("key", "level", *NAMED),
            zoom=Zoom(0, "level", LEVELS),
        )
    )
    register(
        Layer(
            "roads",
            _("Roads"),
            RoadLink,
            "outline",
            (
                ("key", "key"),
                ("from_node", "from_node"),
                ("to_node", "to_node"),
                ("rank", "rank"),
                ("structure", "structure"),
                ("lanes", "lanes"),
                ("speed_kmh", "speed_kmh"),
                ("name", "name"),
                ("length_m", "length_m"),
                *DETAIL,
            ),
            tiled=("rank", "structure", "lanes", "name"),
            zoom=Zoom(0, "rank", RANKS),
        )
    )
    register(
        Layer(
            "crossings",
            _("Crossings"),
            RoadNode,
            "point",
            (("key", "key"), ("kind", "kind"), ("name", "name"), *DETAIL),
            tiled=("kind", "name"),
            zoom=Zoom(14),
        )
    )
    register(
        Layer(
            "places",
            _("Places"),
            Place,
            "point",
            (("key", "key"), ("kind", "kind"), ("name", "name"), ("address", "address"), *DETAIL),
            tiled=("kind", "name"),
            zoom=Zoom(11, "kind", SEEN_FROM_AFAR),
        )
    )
    register(_shapes("water", _("Water"), ["water", "stream"], Zoom(0, least_size=24)))
    register(_shapes("parks", _("Parks"), ["park", "green"], Zoom(10, least_size=64)))
    register(_shapes("hills", _("Hills"), ["hill"], Zoom(0, least_size=64)))
    register(_shapes("rails", _("Railways"), ["rail"], Zoom(9)))
    register(
        _shapes(
            "buildings",
            _("Buildings"),
            ["building"],
            Zoom(14, least_size=48),
            ("height_m", HEIGHT),
        )
    )
    register_set(
        TileSet(
            "base",
            ("hills", "parks", "water", "buildings", "rails", "roads", "districts", "places"),
        )
    )
