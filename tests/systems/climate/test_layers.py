"""Grids, polygons, class tables and zones: what is taken, counted, refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.systems.climate.engine import carbon, zones
from madang.systems.climate.engine.grid import Grid, checked, labels
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import (
    NAMES,
    UNKNOWN,
    Coefficient,
    LandClass,
    Table,
)

DAY = date(2026, 1, 1)
GRID = Grid(rows=40, columns=50, cell=5.0, west=200_000.0, north=520_000.0, crs=5186)


def land_class(code: int, **changed: Coefficient) -> LandClass:
    figures = {name: Coefficient(0.5, "a table", DAY) for name in NAMES}
    return LandClass(code, f"class {code}", {**figures, **changed})


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_cells_of_a_polygon_are_those_whose_middle_is_inside(seed: int) -> None:
    random = np.random.default_rng(seed)
    angles = np.sort(random.uniform(0, 2 * np.pi, 9))
    far = random.uniform(12, 70, 9)
    middle = np.array([200_120.0, 519_900.0])
    ring = middle + np.stack([np.cos(angles) * far, np.sin(angles) * far], axis=1)
    hole = middle + (ring - middle) * 0.3
    window, flags = GRID.within([ring, hole])
    found = np.zeros(GRID.shape, np.bool_)
    found[window.of] = flags
    x = GRID.west + (np.arange(GRID.columns) + 0.5) * GRID.cell
    y = GRID.north - (np.arange(GRID.rows) + 0.5) * GRID.cell
    expected = shapely.contains_xy(shapely.Polygon(ring, [hole]), *np.meshgrid(x, y))
    np.testing.assert_array_equal(found, expected)


def test_neighbours_share_no_cell_and_leave_none() -> None:
    """A chess board of squares whose edges run through the middles of cells."""
    west, north = GRID.west, GRID.north
    squares = {
        f"{row} {column}": [np.array([(x, y), (x + 50, y), (x + 50, y - 50), (x, y - 50)])]
        for row in range(3)
        for column in range(4)
        for x, y in [(west + 2.5 + column * 50, north - 2.5 - row * 50)]
    }
    found, names = labels(GRID, squares)
    counts = np.bincount(found[found >= 0], minlength=len(names))
    np.testing.assert_array_equal(counts, 100)


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("no-cells", lambda: Grid(0, 0, 5, 0, 0, 5186)),
        ("bad-cell", lambda: Grid(4, 4, -5, 0, 0, 5186)),
        ("bad-cell", lambda: Grid(4, 4, float("nan"), 0, 0, 5186)),
        ("too-many-cells", lambda: Grid(40_000, 40_000, 1, 0, 0, 5186)),
        ("other-crs", lambda: GRID.agree(Grid(40, 50, 5, 200_000, 520_000, 5179), "albedo")),
        ("other-cell", lambda: GRID.agree(Grid(40, 50, 6, 200_000, 520_000, 5186), "albedo")),
        ("other-extent", lambda: GRID.agree(Grid(40, 50, 5, 200_005, 520_000, 5186), "albedo")),
        ("other-extent", lambda: GRID.agree(Grid(40, 51, 5, 200_000, 520_000, 5186), "albedo")),
        ("outside-grid", lambda: GRID.within([np.array([(0.0, 0.0), (9.0, 0.0), (9.0, 9.0)])])),
        ("no-polygon", lambda: GRID.within([np.array([(0.0, 0.0), (9.0, np.nan), (9.0, 9.0)])])),
        ("class-twice", lambda: Table([land_class(1), land_class(1)])),
        ("no-classes", lambda: Table([])),
        ("no-source", lambda: Table([land_class(1, kc=Coefficient(0.5, " ", DAY))])),
        (
            "coefficient-out-of-range",
            lambda: Table([land_class(1, soil=Coefficient(-3, "a table", DAY))]),
        ),
        (
            "coefficient-out-of-range",
            lambda: Table([land_class(1, kc=Coefficient(np.nan, "a table", DAY))]),
        ),
        ("unknown-class", lambda: Table([land_class(1)]).places(np.array([[1, 2]]), 0)),
        ("no-coefficient", lambda: Table([LandClass(7, "bare", {})]).column("kc")),
    ],
)
def test_what_cannot_be_computed_with_is_refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refused:
        act()
    assert refused.value.code == code


def test_a_layer_with_impossible_cells_is_refused_with_their_place() -> None:
    mask = np.ones(GRID.shape, np.bool_)
    heights = np.zeros(GRID.shape)
    heights[3, 9] = -2
    with pytest.raises(Refusal) as refused:
        checked("height", heights, GRID, 0, 1_000, mask)
    assert refused.value.words["row"] == 3
    assert refused.value.words["column"] == 9
    heights[3, 9] = np.nan
    with pytest.raises(Refusal, match="not-finite"):
        checked("height", heights, GRID, 0, 1_000, mask)
    mask[3, 9] = False
    assert checked("height", heights, GRID, 0, 1_000, mask).dtype == np.float32


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_zones_add_up_to_the_city(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(1, 300, 2).tolist())
    values = random.normal(0, 100, shape).astype(np.float32)
    mask, found = random.random(shape) < 0.8, random.integers(-1, 6, shape).astype(np.int32)
    stats = zones.statistics(values, mask, found, 7)
    inside = mask & (found >= 0)
    assert stats.cells.sum() == inside.sum()
    assert stats.sums.sum() == pytest.approx(values[inside].sum(dtype=np.float64), abs=1e-6)
    assert stats.cells[6] == 0
    assert np.isnan(stats.means[6])
    for zone in range(6):
        cells = values[inside & (found == zone)]
        if len(cells):
            assert stats.lowest[zone] == cells.min()
            assert stats.highest[zone] == cells.max()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_carbon_gained_is_the_stock_after_less_the_stock_before(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = Table(
        land_class(code, aboveground=Coefficient(float(random.uniform(0, 90)), "a table", DAY))
        for code in range(5)
    )
    before = random.choice(np.array([0, 1, 2, 3, 4], np.uint8), (90, 70))
    after = np.where(random.random(before.shape) < 0.2, np.uint8(2), before)
    before[4:9], after[:, 5] = UNKNOWN, UNKNOWN
    areas = random.integers(-1, 4, before.shape).astype(np.int32)
    both = np.where((before == UNKNOWN) | (after == UNKNOWN), -1, areas).astype(np.int32)
    stocks = [carbon.stock(each, table, 0.0025, both, 4) for each in (before, after)]
    gained = carbon.change_by_zone(before, after, table, 0.0025, areas, 4)
    np.testing.assert_allclose(gained, stocks[1] - stocks[0], atol=1e-9)
    everywhere = carbon.change(before, after, table, 0.0025)
    whole = carbon.change_by_zone(before, after, table, 0.0025, np.zeros_like(areas), 1)
    np.testing.assert_allclose(everywhere.pools, whole[0], atol=1e-9)


def test_trees_of_an_inventory_are_not_counted_again_with_their_class() -> None:
    table = Table([land_class(1, soil=Coefficient(40, "a table", DAY))])
    places, areas = np.zeros((10, 10), np.uint8), np.zeros((10, 10), np.int32)
    inventoried = np.zeros((10, 10), np.bool_)
    inventoried[:5] = True
    [found] = carbon.stock(places, table, 0.01, areas, 1, inventoried)
    np.testing.assert_allclose(found, [0.25, 0.25, 40.0, 0.5])
