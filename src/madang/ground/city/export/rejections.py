"""The rows an import rejected, in the form of their file, to be corrected and sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from madang.ground.city.export.cells import csv_pieces
from madang.ground.city.models import Import, Rejection
from madang.ground.city.reasons import say

GEOJSON, CSV = "application/geo+json", "text/csv; charset=utf-8"


@dataclass(frozen=True)
class File:
    """A file to be sent: name, media type and its bytes piece by piece."""

    name: str
    type: str
    pieces: Iterator[bytes]


def rejected_rows(brought: Import) -> File:
    """CSV in the file's columns, or GeoJSON where rows have geometry; the reason stands beside each.

    Geometry is in degrees. The importers pass over columns that begin with "_".
    """
    stem = PurePath(brought.file).stem
    found = brought.rejections.order_by("number", "id")
    drawn = found.filter(content__has_key="geometry").exists()
    if drawn:
        return File(f"{stem}-rejected.geojson", GEOJSON, _geojson(brought))
    return File(f"{stem}-rejected.csv", CSV, _csv(brought))


def _csv(brought: Import) -> Iterator[bytes]:
    header: dict[str, None] = {}
    for content in brought.rejections.values_list("content", flat=True).iterator():
        header.update(dict.fromkeys(content))
    rows = (
        [one.number, say(one.reason, one.figures), *(one.content.get(name) for name in header)]
        for one in _rejections(brought)
    )
    return csv_pieces(["_row", "_reason", *header], rows)


def _geojson(brought: Import) -> Iterator[bytes]:
    yield b'{"type": "FeatureCollection", "features": [\n'
    for place, one in enumerate(_rejections(brought)):
        content = dict(one.content)
        feature = {
            "type": "Feature",
            "geometry": content.pop("geometry", None),
            "properties": {**content, "_row": one.number, "_reason": say(one.reason, one.figures)},
        }
        comma = b",\n" if place else b""
        yield comma + json.dumps(feature, ensure_ascii=False).encode()
    yield b"\n]}\n"


def _rejections(brought: Import) -> Iterator[Rejection]:
    return brought.rejections.order_by("number", "id").iterator(chunk_size=2_000)
