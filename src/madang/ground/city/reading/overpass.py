"""Overpass writes the geometry of relations' members into the file ("out geom"), which OpenStreetMap's
own readers refuse. It repeats what the ways say, so it is taken out."""

from __future__ import annotations

import re
from pathlib import Path

from madang.ground.city.reasons import Refused

MEMBER = re.compile(rb"(<member\b[^>]*[^/])>(?:\s*<nd\b[^>]*/>)*\s*</member>")
COMPLETE = re.compile(rb"<member\b[^>]*(?:/>|>(?:\s*<nd\b[^>]*/>)*\s*</member>)")
PIECE = 8 << 20
LARGEST_MEMBER = 32 << 20
COMPLAINT = "No element inside <member> allowed"


def _whole(text: bytes) -> int:
    """Up to where text consists of whole elements, as far as members are concerned."""
    last = text.rfind(b"<member")
    if last < 0 or COMPLETE.match(text, last):
        return text.rfind(b">") + 1
    return last


def without_member_geometry(path: Path, target: Path) -> None:
    """Write path to target with its members bare, a piece of the file at a time."""
    with path.open("rb") as source, target.open("wb") as file:
        rest = b""
        while piece := source.read(PIECE):
            rest += piece
            cut = _whole(rest)
            file.write(MEMBER.sub(rb"\1/>", rest[:cut]))
            rest = rest[cut:]
            if len(rest) > LARGEST_MEMBER:
                raise Refused("endless-feature", limit=f"{LARGEST_MEMBER >> 20} MiB")
        file.write(MEMBER.sub(rb"\1/>", rest))
