"""Overpass writes the geometry of relations' members into the file ("out geom"), which OpenStreetMap's
own readers refuse. It repeats what the ways say, so it is taken out."""

from __future__ import annotations

import re
from pathlib import Path

MEMBER = re.compile(rb"(<member\b[^>]*[^/])>(?:\s*<nd\b[^>]*/>)*\s*</member>")
PIECE = 8 << 20
COMPLAINT = "No element inside <member> allowed"


def without_member_geometry(path: Path, target: Path) -> None:
    """Write path to target with its members bare, a piece of the file at a time."""
    with path.open("rb") as source, target.open("wb") as file:
        rest = b""
        while piece := source.read(PIECE):
            rest += piece
            cut = rest.rfind(b"<relation", 1) if b"<relation" in rest else rest.rfind(b">") + 1
            if cut > 0:
                file.write(MEMBER.sub(rb"\1/>", rest[:cut]))
                rest = rest[cut:]
        file.write(MEMBER.sub(rb"\1/>", rest))
