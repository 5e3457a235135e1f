"""The encoder of vector tiles against a library that reads them, and against shapely."""

from __future__ import annotations

import math

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry import shape

from madang.ground.city.tiles.geometry import draw, varints, zigzag
from madang.ground.city.tiles.grid import EXTENT, Tile
from madang.ground.city.tiles.message import layer_message, varint

TILE = Tile(13, 6986, 3182)
WEST, SOUTH, EAST, NORTH = TILE.bounds(0)


def lon(u: float) -> float:
    return WEST + (EAST - WEST) * u / EXTENT


def lat(v: float) -> float:
    return NORTH + (SOUTH - NORTH) * v / EXTENT


def decode(shapes: list[object], **words: object) -> list[dict[str, object]]:
    array = np.array(shapes, dtype=object)
    drawn = draw(array, TILE, simplify=False)
    rows = [(i, words.get("name")) for i in range(len(shapes))]
    tile = mapbox_vector_tile.decode(
        layer_message("x", drawn, ["i", "name"], rows), default_options={"y_coord_down": True}
    )
    features: list[dict[str, object]] = tile["x"]["features"]
    return features


def test_a_tile_covers_the_degrees_it_should() -> None:
    assert Tile(0, 0, 0).bounds(0)[0] == -180
    assert math.isclose(Tile(0, 0, 0).bounds(0)[3], 85.0511287798066)
    corners = TILE.units(np.array([[WEST, NORTH], [EAST, SOUTH]]))
    assert np.allclose(corners, [[0, 0], [EXTENT, EXTENT]], atol=1e-6)


@given(st.lists(st.integers(0, 2**35 - 1), max_size=50))
def test_varints_are_those_of_protobuf(numbers: list[int]) -> None:
    encoded, ends = varints(np.array(numbers, dtype=np.int64))
    assert encoded == b"".join(map(varint, numbers))
    assert ends.tolist() == np.cumsum([len(varint(n)) for n in numbers]).tolist()


@given(st.lists(st.integers(-(2**31), 2**31), min_size=1))
def test_zigzag(numbers: list[int]) -> None:
    expected = [2 * n if n >= 0 else -2 * n - 1 for n in numbers]
    assert zigzag(np.array(numbers)).tolist() == expected


units = st.integers(-1000, EXTENT + 1000)
lines = st.lists(st.tuples(units, units), min_size=2, max_size=8)


@given(st.lists(lines, min_size=1, max_size=5))
@settings(deadline=None)
def test_lines_come_back_as_they_were_cut(many: list[list[tuple[int, int]]]) -> None:
    shapes = [LineString([(lon(u), lat(v)) for u, v in line]) for line in many]
    drawn = draw(np.array(shapes, dtype=object), TILE, simplify=False)
    if not drawn:
        return
    found = {f["properties"]["i"]: shape(f["geometry"]) for f in decode(list(shapes))}  # type: ignore[index]
    window = box(-64, -64, EXTENT + 64, EXTENT + 64)
    for i, line in enumerate(many):
        expected = LineString(line).intersection(window)
        got = found.get(i)
        if got is None:
            assert expected.length < 3
        else:
            assert shapely.hausdorff_distance(shapely.segmentize(got, 5), expected) < 6 or (
                abs(got.length - expected.length) < 4 * len(line)
            )


def test_polygons_keep_holes_and_turn_as_the_specification_says() -> None:
    outer = [(0, 0), (2000, 0), (2000, 2000), (0, 2000)]
    hole = [(500, 500), (500, 1000), (1000, 1000), (1000, 500)]
    ring = Polygon([(lon(u), lat(v)) for u, v in outer], [[(lon(u), lat(v)) for u, v in hole]])
    far = Polygon([(lon(u + 3000), lat(v + 3000)) for u, v in outer])
    [one] = decode([MultiPolygon([ring, far])], name="둘")
    assert one["properties"] == {"i": 0, "name": "둘"}
    got = shape(one["geometry"])
    window = box(-64, -64, EXTENT + 64, EXTENT + 64)
    expected = Polygon(outer, [hole]).union(box(3000, 3000, 5000, 5000)).intersection(window)
    assert got.symmetric_difference(expected).area < 0.002 * expected.area


def test_points_outside_the_margin_are_left_out() -> None:
    shapes = [Point(lon(10), lat(20)), Point(lon(-30), lat(5)), Point(lon(-500), lat(5))]
    found = decode(list(shapes))
    assert [f["geometry"]["coordinates"] for f in found] == [[10, 20], [-30, 5]]  # type: ignore[index]


def test_what_is_smaller_than_a_unit_is_left_out() -> None:
    dot = box(lon(5), lat(5.3), lon(5.3), lat(5))
    assert draw(np.array([dot], dtype=object), TILE) == []
    short = LineString([(lon(5), lat(5)), (lon(5.1), lat(5))])
    assert draw(np.array([short], dtype=object), TILE) == []


def test_values_of_every_type_come_back() -> None:
    drawn = draw(np.array([Point(lon(1), lat(1))]), TILE)
    row = ("가", 3, -7, 2.5, True, None)
    message = layer_message("x", drawn, ["a", "b", "c", "d", "e", "f"], [row])
    [feature] = mapbox_vector_tile.decode(message)["x"]["features"]
    assert feature["properties"] == {"a": "가", "b": 3, "c": -7, "d": 2.5, "e": True}
