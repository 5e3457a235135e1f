"""The demo city's surfaces: made of the same blocks, streets, water and houses as its map."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from madang.demo.city.generate import DemoCity, generate
from madang.demo.city.surface_files import demo_surfaces
from madang.demo.city.surfaces import LAKE, ROAD, STREAM, Surfaces, bands_of, grid_of
from madang.demo.city.trees import KINDS, rows_of_trees, street_trees
from madang.systems.climate import rasters
from madang.systems.climate.domain import tables
from madang.systems.climate.engine.grid import Grid
from madang.systems.climate.models import Layer
from madang.systems.climate.public import land_cover

made = cache(generate)


@cache
def surfaces() -> Surfaces:
    return Surfaces(tiny(), grid_of(tiny()))


def tiny() -> DemoCity:
    return made(3, 0.05)


def at(found: Surfaces, x: float, y: float) -> tuple[int, int]:
    grid = found.grid
    return int((grid.north - y) / grid.cell), int((x - grid.west) / grid.cell)


def test_cells_hold_what_the_map_draws_there() -> None:
    """Within a metre of the edge a cell may be its neighbour's, so middles of large things are asked."""
    city = tiny()
    close = Surfaces(city, Grid(1400, 1400, 2.0, 200_000, 521_500, 5186))
    box = shapely.box(200_010, 518_710, 202_790, 521_490)
    hit = 0
    for number in np.flatnonzero(shapely.contains(box, city.buildings.polygons)):
        spot = shapely.centroid(city.buildings.polygons[number])
        cell = at(close, spot.x, spot.y)
        hit += 1
        assert close.heights[cell] == pytest.approx(city.buildings.height[number])
        assert close.roofs[cell] > 0
        assert close.crowns[cell] == 0
    assert hit > 20
    for stream in city.terrain.streams:
        for x, y in stream.line[5:-5]:
            if box.contains(shapely.Point(x, y)):
                assert close.land[at(close, x, y)] in (STREAM, LAKE, ROAD)


def test_the_set_is_whole_and_the_same_again() -> None:
    first, again = surfaces(), Surfaces(tiny(), grid_of(tiny()))
    layers = dict(first.layers())
    assert set(layers) == set(Layer) - {Layer.RED, Layer.INFRARED, Layer.BIOTOPE}
    for layer, band in again.layers():
        assert np.array_equal(band.values, layers[layer].values)
        assert np.isfinite(band.values).all()
        assert band.values.shape == first.grid.shape
    known = set(tables.read(land_cover()).codes.tolist())
    assert set(np.unique(first.land[first.inside]).tolist()) <= known
    assert first.people.sum() == pytest.approx(tiny().residents.sum(), rel=0.2)


def test_a_part_of_the_city_is_that_part_of_the_whole() -> None:
    """So that the finer set is made band by band, in little memory."""
    whole = surfaces()
    rows = 300
    bands = [Surfaces(tiny(), grid) for grid in bands_of(whole.grid, rows)]
    for name in ("land", "heights", "crowns", "people", "elevation", "albedo", "evaporating"):
        joined = np.concatenate([getattr(band, name) for band in bands])
        assert np.array_equal(joined, getattr(whole, name)), name


def test_files_of_any_cell_are_written_in_bands(tmp_path: Path) -> None:
    told = CliRunner().invoke(
        demo_surfaces, [str(tmp_path), "--cell", "50", "--scale", "0.05", "--seed", "3"]
    )
    assert told.exit_code == 0, told.output
    whole = Surfaces(tiny(), grid_of(tiny(), 50.0))
    for layer, band in whole.layers():
        found = rasters.read(tmp_path / f"{layer.value}.tif")
        assert found.grid == band.grid
        assert np.array_equal(found.mask, band.mask)
        assert np.array_equal(found.values[found.mask], band.values[band.mask])


def test_trees_stand_beside_streets() -> None:
    trees = street_trees(tiny())
    assert len(trees.points) == len(trees.kind) == len(trees.dbh) > 100
    assert trees.kind.max() < len(KINDS)
    rows = rows_of_trees(tiny())
    lines = shapely.linestrings(rows.points, indices=rows.line)
    far = shapely.distance(shapely.points(trees.points), shapely.union_all(lines))
    assert far.max() < 0.1
