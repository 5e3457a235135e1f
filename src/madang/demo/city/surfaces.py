"""The demo city as cells: what covers the ground, crowns, houses and roofs, heights, residents, water
that evaporates, and light thrown back. It is made of the same blocks, streets, water and buildings that
the map draws, so that a picked roof is a roof.

Chance in a cell follows from where it lies and not from its neighbours: a part of the city, and the
same city in smaller cells, can be made by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.special import ndtri

from madang.demo.city.generate import DemoCity
from madang.demo.city.grades import LANE, Grade
from madang.demo.city.people import FLOOR_SHARE
from madang.demo.city.trees import rows_of_trees
from madang.systems.climate.engine.grid import Doubles, Flags, Floats, Grid
from madang.systems.climate.engine.painting import paint
from madang.systems.climate.models import Layer, Roof
from madang.systems.climate.rasters import Layer as Band

CELL = 5.0  # metres
NOTHING = -9999.0
EPSG = 5186
# 토지피복지도 세분류, and what of a use's ground is covered by crowns and by grass
HOUSES, FLATS, WORKS, SHOPS, SCHOOL = 111, 112, 121, 131, 162
RAIL, ROAD, PADDY, FIELD = 153, 154, 211, 221
BROADLEAF, CONIFER, MIXED, GRASS, BANK, STREAM, LAKE = 311, 321, 331, 423, 511, 711, 712
OF_USE: Mapping[str, tuple[int, float, float]] = {
    "houses": (HOUSES, 0.04, 0.04),
    "apartments": (FLATS, 0.14, 0.16),
    "commerce": (SHOPS, 0.02, 0.02),
    "industry": (WORKS, 0.03, 0.05),
    "campus": (SCHOOL, 0.10, 0.12),
    "park": (GRASS, 0.45, 0.55),
    "field": (FIELD, 0.02, 0.0),
    "green": (GRASS, 0.45, 0.55),
}
VERGE = (ROAD, 0.0, 0.2)
ALBEDO: Mapping[int, float] = {
    HOUSES: 0.18, FLATS: 0.19, WORKS: 0.20, SHOPS: 0.18, SCHOOL: 0.20, RAIL: 0.15, ROAD: 0.11,
    PADDY: 0.19, FIELD: 0.20, BROADLEAF: 0.17, CONIFER: 0.11, MIXED: 0.14, GRASS: 0.21, BANK: 0.16,
    STREAM: 0.07, LAKE: 0.06,
}  # fmt: skip
ROOF_ALBEDO = {Roof.CONCRETE: 0.22, Roof.TILE: 0.20, Roof.SLATE: 0.25, Roof.PLANTED: 0.20,
               Roof.OTHER: 0.32}  # fmt: skip
CROWNS = {BROADLEAF: 0.85, CONIFER: 0.75, MIXED: 0.8}
CROWN = 3.5  # metres from the trunk of a street tree to where its crown ends
LUMP = 24.0  # metres across a stand of trees or a lawn
SPREAD = 0.19  # standard deviation of a mean of four numbers by chance, as they are weighed


def grid_of(made: DemoCity, cell: float | None = None) -> Grid:
    """The city's box in cells of `cell` metres; else of 5 m, larger where a small city has few streets."""
    side = cell or CELL * max(1, round(float(np.sqrt(1 / made.scale))))
    west, south, east, north = made.outline.border.bounds
    left, top = np.floor(west / side) * side, np.ceil(north / side) * side
    rows, columns = np.ceil((top - south) / side), np.ceil((east - left) / side)
    return Grid(int(rows), int(columns), side, float(left), float(top), EPSG)


def bands_of(grid: Grid, rows: int) -> Iterator[Grid]:
    """The grid in parts of so many rows, from the north."""
    for first in range(0, grid.rows, rows):
        count, north = min(rows, grid.rows - first), grid.north - first * grid.cell
        yield Grid(count, grid.columns, grid.cell, grid.west, north, grid.crs)


class Surfaces:
    """The surfaces of a city on a grid or a part of it; each is made when it is first asked for."""

    def __init__(self, made: DemoCity, grid: Grid) -> None:
        self.made, self.grid = made, grid

    def layers(self) -> Iterator[tuple[Layer, Band]]:
        """Every surface, land cover first: all others are taken on its grid."""
        yield Layer.LAND, self._band(self.land, 0)
        yield Layer.SHADE, self._band(self.crowns, NOTHING)
        yield Layer.HEIGHT, self._band(self.heights, NOTHING)
        yield Layer.ROOF, self._band(self.roofs, 255)
        yield Layer.ELEVATION, self._band(self.elevation, NOTHING)
        yield Layer.PEOPLE, self._band(self.people, NOTHING)
        yield Layer.EVAPOTRANSPIRATION, self._band(self.evaporating, NOTHING)
        yield Layer.ALBEDO, self._band(self.albedo, NOTHING)

    def _band(self, values: NDArray[np.generic], nothing: float) -> Band:
        return Band(self.grid, values, self.inside, nothing)

    @cached_property
    def inside(self) -> Flags:
        """Cells within the city's border."""
        found = np.zeros(self.grid.shape, np.uint8)
        paint(self.grid, np.array([self.made.outline.border]), np.ones(1), found)
        return found.astype(np.bool_)

    @cached_property
    def land(self) -> NDArray[np.uint16]:
        """Codes of the land cover map's finest classes."""
        blocks, terrain = self.made.blocks, self.made.terrain
        land = np.where(self.inside, ROAD, 0).astype(np.uint16)
        paint(self.grid, blocks.polygons, self._of_blocks(), land)
        paint(self.grid, np.array(terrain.hills, object), np.full(len(terrain.hills), MIXED), land)
        self._plant(land)
        paint(self.grid, np.array([terrain.water.buffer(10)]), np.array([BANK]), land)
        waters = np.array([*(stream.water for stream in terrain.streams), *terrain.lakes], object)
        codes = [STREAM] * len(terrain.streams) + [LAKE] * len(terrain.lakes)
        paint(self.grid, waters, np.array(codes), land)
        rail = shapely.LineString(self.made.skeleton.railways[0]).buffer(9)
        paint(self.grid, np.array([rail]), np.array([RAIL]), land)
        streets = self._streets()
        paint(self.grid, streets, np.full(len(streets), ROAD), land)
        land[~self.inside] = 0
        return land

    def _of_blocks(self) -> NDArray[np.uint16]:
        """A field in three is a paddy."""
        codes = np.array([OF_USE[use][0] for use in self.made.blocks.uses.tolist()])
        wet = (codes == FIELD) & (np.arange(len(codes)) % 3 == 0)
        return np.where(wet, PADDY, codes).astype(np.uint16)

    def _plant(self, land: NDArray[np.uint16]) -> None:
        """Woods of broad leaves and needles on the hills; lawns and stands of trees between houses."""
        kind = self._lumps(180.0, 1)
        hills = land == MIXED
        land[hills & (kind < _share(0.45))] = BROADLEAF
        land[hills & (kind > _share(0.68))] = CONIFER
        lump = self._lumps(LUMP, 2)
        bare = np.where(self.buildings > 0, 0, land)
        for code, wood, grass in (*OF_USE.values(), VERGE):
            here = (bare == code) & (lump < _share(wood + grass))
            land[here] = np.where(lump[here] < _share(wood), BROADLEAF, GRASS)

    def _streets(self) -> NDArray[np.object_]:
        """The ground that roads take, tunnels left out."""
        roads = self.made.roads
        kept = roads.structure != "tunnel"
        kept &= (roads.grade != Grade.LOCAL) | (roads.begin < roads.end)
        broad = np.where(roads.grade == Grade.LOCAL, 3.0, roads.lanes * LANE / 2 + 0.8)[kept]
        lines = [roads.lines[n] for n in np.flatnonzero(kept)]
        points = np.concatenate(lines)
        of = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
        strings = shapely.linestrings(points, indices=of)
        return np.asarray(shapely.buffer(strings, broad, quad_segs=2), object)

    @cached_property
    def buildings(self) -> NDArray[np.int32]:
        """The building in each cell, counted from 1."""
        built = np.zeros(self.grid.shape, np.int32)
        polygons = self.made.buildings.polygons
        paint(self.grid, polygons, np.arange(1, len(polygons) + 1), built)
        return built

    @cached_property
    def heights(self) -> Floats:
        """Metres from the ground to the roof; 0 where no house stands."""
        return self._of_buildings(self.made.buildings.height)

    @cached_property
    def roofs(self) -> NDArray[np.uint8]:
        """Codes of roofs; 0 where there is none."""
        return self._of_buildings(_roofs(self.made)).astype(np.uint8)

    @cached_property
    def people(self) -> Floats:
        """Residents by cell, spread over the floors of their dong's homes."""
        built, outline = self.made.buildings, self.made.outline
        weight = built.floor_area() * np.array([FLOOR_SHARE.get(use, 0.0) for use in built.uses])
        dong = outline.dong_of(shapely.get_coordinates(shapely.centroid(built.polygons)))
        total = np.bincount(dong, weight, minlength=len(outline.dongs))
        residents = np.zeros(len(weight))
        np.divide(self.made.residents[dong] * weight, total[dong], out=residents, where=weight > 0)
        density = residents / shapely.area(built.polygons)
        return np.round(self._of_buildings(density) * self.grid.cell_area, 3)

    def _of_buildings(self, values: NDArray[np.generic]) -> Floats:
        column = np.concatenate([[0], np.asarray(values, np.float32)]).astype(np.float32)
        return np.asarray(column[self.buildings])

    @cached_property
    def elevation(self) -> Floats:
        """Metres of the ground over the sea."""
        terrain = self.made.terrain
        x, y = self._middles()
        raster = terrain.raster
        column, row = (x - raster.west) / raster.cell - 0.5, (y - raster.south) / raster.cell - 0.5
        at = np.meshgrid(row, column, indexing="ij")
        found = map_coordinates(terrain.height.astype(np.float32), at, order=1, mode="nearest")
        return np.asarray(np.round(found * 2) / 2, np.float32)

    @cached_property
    def evaporating(self) -> Floats:
        """Reference evapotranspiration of an August, mm: less on the hills, where it is cooler."""
        return np.asarray(np.round(134 - 0.04 * np.maximum(self.elevation - 30, 0), 1), np.float32)

    @cached_property
    def crowns(self) -> Floats:
        """The share of each cell that crowns of trees shade."""
        share = np.zeros(int(self.land.max()) + 1, np.float32)
        for code, crowns in CROWNS.items():
            if code < len(share):
                share[code] = crowns
        shade = share[self.land] * (0.85 + 0.3 * self._chance(3))
        rows = np.zeros(self.grid.shape, np.float32)
        trees = rows_of_trees(self.made)
        around = shapely.buffer(shapely.linestrings(trees.points, indices=trees.line), CROWN)
        paint(self.grid, around, np.full(len(around), 0.4), rows)
        shade = np.where(self.buildings > 0, 0, np.maximum(shade, rows))
        shade[(self.land == STREAM) | (self.land == LAKE)] = 0
        return np.asarray(np.round(np.minimum(shade, 0.95) * 20) / 20, np.float32)

    @cached_property
    def albedo(self) -> Floats:
        """The share of light that is thrown back, by what covers the ground and by roofs."""
        ground = np.full(1000, 0.18, np.float32)
        ground[list(ALBEDO)] = list(ALBEDO.values())
        roof = np.zeros(100, np.float32)
        roof[list(ROOF_ALBEDO)] = list(ROOF_ALBEDO.values())
        found = np.where(self.roofs > 0, roof[self.roofs], ground[self.land])
        return np.asarray(np.round(found, 2), np.float32)

    def _middles(self) -> tuple[Doubles, Doubles]:
        """x of the columns' and y of the rows' middles."""
        grid = self.grid
        x = grid.west + (np.arange(grid.columns) + 0.5) * grid.cell
        y = grid.north - (np.arange(grid.rows) + 0.5) * grid.cell
        return np.asarray(x), np.asarray(y)

    def _chance(self, stage: int) -> Floats:
        """From 0 to 1, evenly, for squares of 5 m."""
        x, y = self._middles()
        return self._lattice(np.floor(y / CELL), np.floor(x / CELL), stage)

    def _lumps(self, side: float, stage: int) -> Floats:
        """Smooth, with lumps of about `side` metres, from 0 to 1; `_share` says how much lies below."""
        x, y = self._middles()
        row, column = y / side, x / side
        rows = np.arange(np.floor(row.min()), np.floor(row.max()) + 2)
        columns = np.arange(np.floor(column.min()), np.floor(column.max()) + 2)
        corners = self._lattice(rows, columns, stage)
        at, part = _between(row, rows[0])
        down = corners[at] * (1 - part[:, None]) + corners[at + 1] * part[:, None]
        at, part = _between(column, columns[0])
        return np.asarray(down[:, at] * (1 - part) + down[:, at + 1] * part, np.float32)

    def _lattice(self, rows: Doubles, columns: Doubles, stage: int) -> Floats:
        """A number from 0 to 1 for each crossing of rows and columns, which are whole."""
        seed = np.uint32((self.made.seed * 7919 + stage * 104_729) & 0xFFFFFFFF)
        row = _stirred(rows.astype(np.int64).astype(np.uint32) * np.uint32(0x9E3779B1) + seed)
        mixed = row[:, None] + columns.astype(np.int64).astype(np.uint32)
        return (_stirred(mixed) >> np.uint32(8)).astype(np.float32) / np.float32(2**24)


def _between(at: Doubles, first: float) -> tuple[NDArray[np.intp], Floats]:
    """The corner before each place, counted from the first, and how far past it, from 0 to 1."""
    before = np.floor(at)
    return (before - first).astype(np.intp), (at - before).astype(np.float32)


def _share(of: float) -> float:
    """Below what number so great a share of `_lumps` lies, nearly."""
    return float(0.5 + SPREAD * ndtri(np.clip(of, 1e-6, 1 - 1e-6)))


def _stirred(number: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Whole numbers whose bits no longer tell where they came from (the finisher of MurmurHash3)."""
    number = (number ^ (number >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    number = (number ^ (number >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return np.asarray(number ^ (number >> np.uint32(16)))


def _roofs(made: DemoCity) -> NDArray[np.uint8]:
    """Old houses have tiles and slates, works sheet metal, the others flat concrete; few are planted."""
    uses = made.buildings.uses
    number = np.arange(len(uses), dtype=np.uint32) + np.uint32(made.seed * 31)
    draw = _stirred(number).astype(np.float64) / 2**32
    roofs = np.full(len(uses), Roof.CONCRETE, np.uint8)
    houses, works = uses == "houses", uses == "industry"
    roofs[houses & (draw < 0.38)] = Roof.TILE
    roofs[houses & (draw < 0.10)] = Roof.SLATE
    roofs[works & (draw < 0.8)] = Roof.OTHER
    roofs[(roofs == Roof.CONCRETE) & (draw > 0.985)] = Roof.PLANTED
    return roofs
