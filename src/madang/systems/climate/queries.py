"""Indicators of the city or of a plan, by district: carbon by pool, and the air's temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.ground.city.models.districts import District
from madang.ground.city.projection import reproject
from madang.systems.climate import rasters
from madang.systems.climate.domain import (
    inventory,
    measures,
    premises,
    scenarios,
    surfaces,
    tables,
)
from madang.systems.climate.engine import (
    carbon,
    compatible,
    cooling,
    doubt,
    greenness,
    grid,
    zones,
)
from madang.systems.climate.engine.measures import Covered, Measure, Worth, painted
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import POOLS, UNKNOWN, Places, Table
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.models import Layer, Scenario, Surface


@dataclass(frozen=True)
class Indicators:
    """Of one district: cells whose class is known and their hectares, t C by pool, mean °C.

    green in hectares; uptake in t C a year; biotope a share of the known ground; trees the t C of those
    that were counted one by one, in whose cells the living pools are left out; covers those of a plan's
    trees and planted roofs; night the mean °C of the hot day's night; spread, warmth, coolness,
    uptake_spread, green_spread and biotope_spread the 95 % intervals of carbon, temperature, night,
    uptake, green and biotope; ndvi the mean of an image, plants the hectares that it shows covered by
    them. What the city or its table does not say is None: unknown, not 0.
    """

    key: str
    name: str
    cells: int
    hectares: float
    pools: dict[str, float]
    temperature: float | None
    simulated: bool
    green: float | None = None
    uptake: float | None = None
    biotope: float | None = None
    trees: float = 0.0
    spread: tuple[float, float] | None = None
    covers: float = 0.0
    ndvi: float | None = None
    plants: float | None = None
    warmth: tuple[float, float] | None = None
    uptake_spread: tuple[float, float] | None = None
    night: float | None = None
    coolness: tuple[float, float] | None = None
    green_spread: tuple[float, float] | None = None
    biotope_spread: tuple[float, float] | None = None

    @property
    def carbon(self) -> float:
        """t C."""
        return sum(self.pools.values()) + self.trees + self.covers

    @property
    def co2(self) -> float:
        """t CO2."""
        return self.carbon * CO2


def by_district(
    city: City,
    given: premises.Premises,
    level: str = "dong",
    scenario: Scenario | None = None,
    past: Surface | None = None,
) -> list[Indicators]:
    """Of the city as it is, or as scenario would make it, on the hot day and night that are given.

    With past another land cover: without inventories of trees and images, which are of another day.
    """
    land = past or (scenario.land if scenario else surfaces.newest(city, Layer.LAND))
    row = scenario.table if scenario else tables.newest(city)
    table, here = tables.engine_table(row), surfaces.grid(land)
    taken = _measures(scenario, here, table)
    places = _places(land, table, here, taken)
    districts = list(District.objects.filter(city=city, level=level).order_by("key"))
    areas, _ = grid.labels(here, _rings(city, districts))
    counted, standing = None, np.zeros(len(districts))
    if past is None:
        counted, standing = inventory.standing(city, here, areas, len(districts))
    stock = carbon.stock(places, table, here.hectares, areas, len(districts), counted)
    cells = zones.histogram(places, areas, len(districts))
    known = cells[:, :UNKNOWN].sum(axis=1)
    green, uptake, biotope = (_sums(table, name, cells) for name in ("green", "uptake", "biotope"))
    spread = inventory.spread(carbon.pools(table), cells)
    covers = _covers(taken, areas, len(districts))
    day, dark = _temperatures(city, places, table, here, given, areas, len(districts), taken)
    taken_up = _uptake_spread(table, cells)
    cells[:, UNKNOWN] = 0
    greens = None if green is None else doubt.shares(cells, table.column("green"))
    biotopes = None if biotope is None else (
        doubt.shares(cells, table.column("biotope"), doubt.COEFFICIENT))  # fmt: skip
    total = stock.sum(axis=1) + standing + covers
    unseen: list[float | None] = [None] * len(districts)
    seen, plants = (unseen, unseen) if past else _image(city, here, areas, len(districts))
    simulated = land.data_set.simulated or row.simulated
    return [
        Indicators(
            district.key, district.name("ko"), int(known[n]), float(known[n] * here.hectares),
            dict(zip(POOLS, stock[n].tolist(), strict=True)),
            day.mean(n), simulated,
            None if green is None else float(green[n] * here.hectares),
            None if uptake is None else float(uptake[n] * here.hectares),
            None if biotope is None or not known[n] else float(biotope[n] / known[n]),
            float(standing[n]),
            (float(total[n] * spread[n, 0]), float(total[n] * spread[n, 1])),
            float(covers[n]), seen[n], plants[n], day.ends(n),
            None if uptake is None else _times(taken_up, n, uptake[n] * here.hectares),
            dark.mean(n), dark.ends(n),
            _times(greens, n, known[n] * here.hectares) if known[n] else None,
            _times(biotopes, n, 1.0) if known[n] else None,
        )
        for n, district in enumerate(districts)
    ]  # fmt: skip


def _times(shares: NDArray[np.float64] | None, zone: int, by: float) -> tuple[float, float] | None:
    return None if shares is None else (float(shares[zone, 0] * by), float(shares[zone, 1] * by))


def _uptake_spread(table: Table, cells: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """As inventory.spread, of the yearly uptake; None where the table does not have it."""
    try:
        return inventory.spread(table.column("uptake")[:, None], cells)
    except Refusal:
        return None


def _image(
    city: City, here: grid.Grid, areas: zones.Zones, count: int
) -> tuple[list[float | None], list[float | None]]:
    """Mean NDVI of each district and the hectares of plants that it shows; None without an image."""
    lights = [surfaces.newest_or_none(city, layer) for layer in (Layer.RED, Layer.INFRARED)]
    if lights[0] is None or lights[1] is None:
        return [None] * count, [None] * count
    red, infrared = (surfaces.unpack(each) for each in lights if each)
    found = greenness.ndvi(red.values.astype(np.float32), infrared.values.astype(np.float32))
    known = red.mask & infrared.mask & np.isfinite(found)
    found = np.where(known, found, np.float32(0))
    covered = np.where(known, greenness.plants(found), np.float32(0))
    means, sums = (zones.statistics(each, known, areas, count) for each in (found, covered))
    some = means.cells > 0
    return (
        [float(mean) if is_known else None for mean, is_known in zip(means.means, some, strict=True)],
        [float(total) * here.hectares if is_known else None
         for total, is_known in zip(sums.sums, some, strict=True)],
    )  # fmt: skip


def _sums(table: Table, name: str, cells: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """A coefficient summed over the cells of each district; None where the table does not have it."""
    try:
        return np.asarray(cells @ table.column(name))
    except Refusal:
        return None


def _measures(scenario: Scenario | None, here: grid.Grid, table: Table) -> list[Measure]:
    """What a plan does to the city's cells, in its order."""
    if scenario is None:
        return []
    codes, years = table.codes.tolist(), premises.read(scenario.premises).years
    return [measures.cells(each, here, codes, years)[0] for each in scenarios.in_force(scenario)]


def _places(land: Surface, table: Table, here: grid.Grid, taken: list[Measure]) -> Places:
    """The class of every cell, a plan's land cover painted over."""
    return painted(_classes(surfaces.unpack(land), table), _whole(here), taken)


def _whole(here: grid.Grid) -> grid.Window:
    return grid.Window(0, here.rows, 0, here.columns)


def _covers(taken: list[Measure], areas: zones.Zones, count: int) -> NDArray[np.float64]:
    """t C of trees and planted roofs in each district."""
    found = np.zeros(count)
    for each in taken:
        if isinstance(each, Covered):
            zone = areas[each.window.of]
            inside = zone >= 0
            found += np.bincount(zone[inside], each.carbon[inside], minlength=count)
    return found


def _classes(found: rasters.Layer, table: Table) -> Places:
    nodata = -1
    return table.places(np.where(found.mask, found.values.astype(np.int64), nodata), nodata)


def _rings(city: City, districts: list[District]) -> dict[str, list[NDArray[np.float64]]]:
    shapes = shapely.from_wkb([bytes(district.geometry) for district in districts])
    moved = reproject(shapes, "EPSG:4326", city.crs)
    return {
        district.key: [
            shapely.get_coordinates(ring)
            for part in shapely.get_parts(shape)
            for ring in shapely.get_rings(part)
        ]
        for district, shape in zip(districts, moved, strict=True)
    }


@dataclass(frozen=True)
class _Air:
    """Mean °C of each zone and the ends of its 95 % interval (zones, 2); None: nobody can say."""

    means: NDArray[np.float64] | None = None
    between: NDArray[np.float64] | None = None

    def mean(self, zone: int) -> float | None:
        if self.means is None or np.isnan(self.means[zone]):
            return None
        return float(self.means[zone])

    def ends(self, zone: int) -> tuple[float, float] | None:
        if self.between is None or np.isnan(self.between[zone]).any():
            return None
        return float(self.between[zone, 0]), float(self.between[zone, 1])


def _temperatures(
    city: City,
    places: Places,
    table: Table,
    here: grid.Grid,
    given: premises.Premises,
    areas: zones.Zones,
    count: int,
    taken: list[Measure],
) -> tuple[_Air, _Air]:
    """By day and by night; unknown without evapotranspiration on the grid."""
    try:
        water = surfaces.unpack(surfaces.newest(city, Layer.EVAPOTRANSPIRATION))
        here.agree(water.grid, Layer.EVAPOTRANSPIRATION.value)
    except Refusal:
        return _Air(), _Air()
    covered = places != UNKNOWN
    cells = Worth(table, None, None).of(places, _whole(here), taken, here.hectares)
    layers = compatible.Layers(
        cells.shade, cells.albedo, cells.kc, water.values.astype(np.float32), cells.green,
        covered & water.mask, covered,
    )  # fmt: skip
    heat = compatible.heat(layers, given.climate, here.cell)
    means = zones.statistics(heat.temperature, heat.mask, areas, count).means
    highest = float(layers.eto[heat.mask].max(initial=0.0))
    water_index = layers.kc * layers.eto / np.float32(highest or 1)
    parts = np.array([float(each[heat.mask].mean(dtype=np.float64))
                      for each in (layers.shade, layers.albedo, water_index)])  # fmt: skip
    day = _Air(means, given.ranges(means, parts))
    del heat
    return day, _by_night(places, table, here, given, areas, count, layers)


def _by_night(
    places: Places,
    table: Table,
    here: grid.Grid,
    given: premises.Premises,
    areas: zones.Zones,
    count: int,
    layers: compatible.Layers,
) -> _Air:
    """InVEST's second method; unknown where the table does not say how densely each class is built."""
    try:
        built = table.layer("intensity", places)
    except Refusal:
        return _Air()
    mask = layers.mask
    heat = compatible.mixed(
        cooling.by_night(built, mask), layers.green, mask, layers.covered, given.night, here.cell
    )
    means = zones.statistics(heat.temperature, mask, areas, count).means
    return _Air(means, doubt.nights(means, given.night, float(built[mask].mean(dtype=np.float64))))
