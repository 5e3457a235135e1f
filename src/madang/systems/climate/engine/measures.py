"""Measures of a plan on a window of cells: another class of land cover, or a share that is covered.

A cell is looked up by its class first; what covers a share of it (a roof's green, crowns of trees, a
bright coat) then takes that share of each layer. Carbon of covers is added to that of the class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from madang.systems.climate.engine.carbon import pools
from madang.systems.climate.engine.grid import Doubles, Flags, Floats, Grid, Window
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import UNKNOWN, Places, Table

FINER = 5  # parts of a cell's side by which a share is counted
MOST_FINE = 250_000_000
CROWN_PART = 0.5  # metres
MOST_PARTS = 200_000_000  # of crowns, around the trees of one edit: 50 km²


@dataclass(frozen=True)
class Painted:
    """The cells of flags become the class at place."""

    window: Window
    flags: Flags
    place: int


@dataclass(frozen=True)
class Covered:
    """share (0..1) of each cell takes these values; None leaves a layer. carbon in t C a cell."""

    window: Window
    share: Floats
    carbon: Floats
    shade: float | None = None
    albedo: float | None = None
    kc: float | None = None


Measure = Painted | Covered


@dataclass
class Cells:
    """What a window's cells are worth: layers by cell, and t C/ha of all pools."""

    shade: Floats
    albedo: Floats
    kc: Floats
    green: Flags
    carbon: Floats


class Worth:
    """A class table read once, with what stands in rasters instead of it where that is known."""

    def __init__(self, table: Table, shade: Floats | None, albedo: Floats | None) -> None:
        self._table = table
        self._columns = {
            name: table.column(name).astype(np.float32) for name in ("shade", "albedo", "kc")
        }
        self._green = table.column("green") >= 0.5
        self._carbon = pools(table).sum(axis=1).astype(np.float32)
        self._rasters = {"shade": shade, "albedo": albedo}

    def of(
        self, places: Places, window: Window, measures: Sequence[Measure], hectares: float
    ) -> Cells:
        """window's cells, whose classes are places before the measures are taken, in their order."""
        now = painted(places, window, measures)
        cells = self._looked_up(now, window, same=now == places)
        for each in measures:
            if isinstance(each, Covered):
                _cover(cells, each, window, hectares)
        return cells

    def by_night(
        self, places: Places, window: Window, measures: Sequence[Measure]
    ) -> tuple[Floats, Flags]:
        """Building intensity and green of window's cells: those of their classes, whatever covers them."""
        now = painted(places, window, measures)
        return self._table.layer("intensity", now), self._green[now]

    def _looked_up(self, places: Places, window: Window, same: Flags) -> Cells:
        found = {name: column[places] for name, column in self._columns.items()}
        for name, raster in self._rasters.items():
            if raster is not None:  # what was measured is of the land that was there
                part = raster[window.of]
                known = same & ~np.isnan(part)
                found[name][known] = part[known]
        return Cells(
            found["shade"], found["albedo"], found["kc"], self._green[places], self._carbon[places]
        )


def painted(places: Places, window: Window, measures: Sequence[Measure]) -> Places:
    """The classes of window's cells once the measures that change a class are taken, in their order."""
    now = places.copy()
    for each in measures:
        if isinstance(each, Painted):
            here, there = _overlap(window, each.window)
            now[here][each.flags[there] & (now[here] != UNKNOWN)] = each.place
    return now


def _cover(cells: Cells, cover: Covered, window: Window, hectares: float) -> None:
    here, there = _overlap(window, cover.window)
    share = cover.share[there]
    for layer, value in (
        (cells.shade, cover.shade),
        (cells.albedo, cover.albedo),
        (cells.kc, cover.kc),
    ):
        if value is not None:
            layer[here] += share * (np.float32(value) - layer[here])
    cells.carbon[here] += cover.carbon[there] / np.float32(hectares)


def overlapping(one: Window, other: Window) -> bool:
    return (
        one.top < other.bottom
        and other.top < one.bottom
        and one.left < other.right
        and other.left < one.right
    )


def _overlap(window: Window, other: Window) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The common cells, as seen from each; nothing where there are none."""
    top, bottom = max(window.top, other.top), min(window.bottom, other.bottom)
    left, right = max(window.left, other.left), min(window.right, other.right)
    bottom, right = max(top, bottom), max(left, right)

    def seen(base: Window) -> tuple[slice, slice]:
        return (
            slice(top - base.top, bottom - base.top),
            slice(left - base.left, right - base.left),
        )

    return seen(window), seen(other)


def shares(grid: Grid, rings: Sequence[Doubles]) -> tuple[Window, Floats]:
    """The share of each cell that lies in a polygon, to a 25th of it; a small roof counts too."""
    fine = FINER if grid.rows * grid.columns * FINER**2 <= MOST_FINE else 1
    parts = Grid(
        grid.rows * fine, grid.columns * fine, grid.cell / fine, grid.west, grid.north, grid.crs
    )
    inner, flags = parts.within(rings)
    window = Window(
        inner.top // fine, -(-inner.bottom // fine), inner.left // fine, -(-inner.right // fine)
    )
    whole = np.zeros((window.shape[0] * fine, window.shape[1] * fine), np.float32)
    row, column = inner.top - window.top * fine, inner.left - window.left * fine
    whole[row : row + flags.shape[0], column : column + flags.shape[1]] = flags
    blocks = whole.reshape(window.shape[0], fine, window.shape[1], fine)
    return window, np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def crowns(grid: Grid, points: Doubles, diameter: float) -> tuple[Window, Floats, Floats]:
    """What share of each cell the crowns around points (n, 2) cover, and how many trees stand in it."""
    if not (0 < diameter <= 40):
        raise Refusal("bad-crown", metres=diameter)
    columns = np.floor((points[:, 0] - grid.west) / grid.cell).astype(np.int64)
    rows = np.floor((grid.north - points[:, 1]) / grid.cell).astype(np.int64)
    inside = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
    if not inside.all():
        raise Refusal("outside-grid", extent=grid.described())
    reach = int(np.ceil(diameter / 2 / grid.cell)) + 1
    window = Window(
        int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1
    ).grown(reach, grid.shape)
    trees = np.zeros(window.shape, np.float32)
    np.add.at(trees, (rows - window.top, columns - window.left), np.float32(1))
    return window, _spread(grid, window, points, diameter), trees


def _spread(grid: Grid, window: Window, points: Doubles, diameter: float) -> Floats:
    """The share of each cell under a crown, by parts of cells; two crowns over one place are one."""
    fine = max(1, int(np.ceil(grid.cell / CROWN_PART)))
    parts = window.shape[0] * window.shape[1] * fine**2
    if parts > MOST_PARTS:
        each = (grid.cell / fine) ** 2 / 1e6
        raise Refusal(
            "trees-far-apart", km=round(parts * each, 1), limit=round(MOST_PARTS * each, 1)
        )
    under = np.zeros((window.shape[0] * fine, window.shape[1] * fine), np.bool_)
    part = grid.cell / fine
    reach = int(np.ceil(diameter / 2 / part)) + 1
    north, west = grid.north - window.top * grid.cell, grid.west + window.left * grid.cell
    for x, y in points.tolist():
        row, column = (north - y) / part, (x - west) / part
        top, left = max(0, int(row) - reach), max(0, int(column) - reach)
        bottom = min(under.shape[0], int(row) + reach + 1)
        right = min(under.shape[1], int(column) + reach + 1)
        down = (np.arange(top, bottom) + 0.5 - row)[:, None]
        across = (np.arange(left, right) + 0.5 - column)[None, :]
        near = (down**2 + across**2) * part**2 <= diameter**2 / 4
        under[top:bottom, left:right] |= near
    blocks = under.reshape(window.shape[0], fine, window.shape[1], fine)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def along(line: Doubles, spacing: float) -> Doubles:
    """Places along a line, `spacing` metres apart, the first half of that from its beginning."""
    if len(line) < 2 or not np.isfinite(line).all():
        raise Refusal("no-line")
    if not 1 <= spacing <= 200:
        raise Refusal("bad-spacing", metres=spacing)
    steps = np.hypot(*np.diff(line, axis=0).T)
    so_far = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(1, int(so_far[-1] // spacing))
    at = (np.arange(count) + 0.5) * so_far[-1] / count
    return np.stack([np.interp(at, so_far, line[:, axis]) for axis in (0, 1)], axis=1)
