"""The camera sites as a layer of the map, and as a set of tiles of its own: `cameras`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.ground.city.public import Layer, Zoom, register_layer
from madang.systems.cameras.models import Site


def register() -> None:
    register_layer(
        Layer(
            "cameras",
            _("Camera sites"),
            Site,
            "point",
            (
                ("key", "key"),
                ("purpose", "purpose"),
                ("cameras", "cameras"),
                ("road_address", "road_address"),
                ("lot_address", "lot_address"),
                ("institution", "institution"),
                ("phone", "phone"),
                ("megapixels", "megapixels"),
                ("kept_days", "kept_days"),
                ("direction", "direction"),
                ("as_of", "as_of"),
                ("site", "id::text"),
            ),
            tiled=("key", "purpose", "cameras", "site"),
            zoom=Zoom(11),
        )
    )
