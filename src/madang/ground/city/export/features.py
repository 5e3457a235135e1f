"""A layer as GeoJSON and as CSV, streamed a chunk at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import shapely

from madang.ground.city.export.cells import csv_pieces
from madang.ground.city.export.terms import Terms
from madang.ground.city.layers import Layer

Row = Sequence[Any]
CHUNK = 2_000


def geojson(layer: Layer, rows: Iterable[Row], terms: Terms) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946) that carries its attribution, terms and mark of simulation."""
    head = {
        "type": "FeatureCollection",
        "name": layer.key,
        "attribution": terms.attributions,
        "simulated": terms.simulated,
        "data_sets": terms.described(),
    }
    yield _json(head)[:-1].encode() + b', "features": ['
    separator = "\n"
    for chunk in _chunks(rows):
        texts = [_text(feature) for feature in features(layer, chunk, terms)]
        yield (separator + ",\n".join(texts)).encode()
        separator = ",\n"
    yield b"\n]}\n"


def features(layer: Layer, rows: list[Row], terms: Terms) -> list[dict[str, Any]]:
    """GeoJSON features of rows of queries.features; geometry is JSON text under "geometry"."""
    return [
        {
            "type": "Feature",
            "id": str(row[0]),
            "properties": _properties(layer, row, terms),
            "geometry": geometry,
        }
        for row, geometry in zip(rows, _geometries(layer, rows), strict=True)
    ]


def feature_text(layer: Layer, row: Row, terms: Terms, **more: Any) -> str:
    """One feature as JSON, with more members beside its own."""
    [feature] = features(layer, [row], terms)
    return _text({**feature, **more})


def csv(layer: Layer, rows: Iterable[Row], terms: Terms) -> Iterator[bytes]:
    """A table: points as lon and lat, outlines as WKT; each row names its data set and its terms."""
    names = [name for name, _ in layer.properties]
    place = ["lon", "lat"] if layer.drawn == "point" else ["wkt"]
    own = ["data_set", "as_of", "attribution", "licence", "simulated"]
    return csv_pieces(["id", *names, *place, *own], _cells(layer, rows, terms))


def _cells(layer: Layer, rows: Iterable[Row], terms: Terms) -> Iterator[list[Any]]:
    for chunk in _chunks(rows):
        for row, place in zip(chunk, _places(layer, chunk), strict=True):
            of = terms.of(row[1])
            own = [of.key, of.as_of, of.attribution, of.licence, str(of.simulated).lower()]
            yield [row[0], *_values(layer, row), *place, *own]


def _places(layer: Layer, rows: list[Row]) -> list[Sequence[Any]]:
    if layer.drawn == "point":
        return [row[2:4] for row in rows]
    return [[text] for text in shapely.to_wkt(_shapes(rows), rounding_precision=7)]


def _geometries(layer: Layer, rows: list[Row]) -> list[str]:
    if layer.drawn == "point":
        return [f'{{"type":"Point","coordinates":[{row[2]},{row[3]}]}}' for row in rows]
    texts: list[str] = shapely.to_geojson(_shapes(rows)).tolist()
    return texts


def _shapes(rows: list[Row]) -> Any:
    return shapely.from_wkb(np.array([bytes(row[2]) for row in rows], dtype=object))


def _properties(layer: Layer, row: Row, terms: Terms) -> dict[str, Any]:
    of = terms.of(row[1])
    names = (name for name, _ in layer.properties)
    values = dict(zip(names, _values(layer, row), strict=True))
    return {**values, "data_set": of.key, "simulated": of.simulated}


def _values(layer: Layer, row: Row) -> list[Any]:
    cells = row[4:] if layer.drawn == "point" else row[3:]
    return [_value(name, cell) for (name, _), cell in zip(layer.properties, cells, strict=True)]


def _value(name: str, cell: Any) -> Any:
    """jsonb comes as text from Django's connections."""
    return json.loads(cell) if name == "details" and isinstance(cell, str) else cell


def _text(feature: dict[str, Any]) -> str:
    geometry = feature.pop("geometry")
    return _json(feature)[:-1] + f', "geometry": {geometry}}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
