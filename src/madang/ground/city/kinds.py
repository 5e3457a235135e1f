"""What the city calls the kinds of places and shapes it keeps."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PLACES: dict[str, Promise] = {
    "school": _("School"),
    "kindergarten": _("Kindergarten"),
    "university": _("University"),
    "hospital": _("Hospital"),
    "fire-station": _("Fire station"),
    "police": _("Police"),
    "office": _("Public office"),
    "station": _("Railway station"),
    "bus-stop": _("Bus stop"),
    "car-park": _("Car park"),
    "park": _("Park"),
    "child-zone": _("Child protection zone"),
    "senior-facility": _("Senior facility"),
    "shelter": _("Heat shelter"),
    "shade": _("Shade canopy"),
    "bell": _("Emergency bell"),
    "speed-camera": _("Speed camera"),
    "underpass": _("Underpass"),
    "library": _("Library"),
    "market": _("Market"),
    "landmark": _("Landmark"),
}

LEVELS: dict[str, Promise] = {
    "si": _("City"),
    "gu": _("District (gu)"),
    "dong": _("Neighbourhood (dong)"),
}

SHAPES: dict[str, Promise] = {
    "building": _("Building"),
    "park": _("Park"),
    "water": _("Water"),
    "stream": _("Stream"),
    "hill": _("Hill"),
    "green": _("Green"),
    "rail": _("Railway"),
}
