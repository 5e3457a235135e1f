"""How warm a place feels to somebody who walks there, now and with a plan: shade, sky, radiation, UTCI.

A window of the city at about a metre: houses as the map outlines them (or as the surface of heights has
them), crowns where trees stand or would, the air of the hot day, the sun of an hour of it. A screening
of plans on a clear day with steady wind, not a forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from madang.ground.city.models.areas import Shape
from madang.ground.city.projection import reproject, to_degrees
from madang.ground.city.public import overlapping as touching
from madang.systems.climate.domain import measures, surfaces
from madang.systems.climate.engine import comfort, painting, radiation
from madang.systems.climate.engine.grid import Flags, Floats, Grid, Window
from madang.systems.climate.engine.measures import Measure, overlapping
from madang.systems.climate.engine.radiation import EYES, Sun
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.sunshine import sun_at
from madang.systems.climate.held import Place, Plan
from madang.systems.climate.models import Edit, Kind, Layer
from madang.systems.climate.pictures import COOLER, HEAT, MITIGATION, Scale

METHOD = "street-comfort-1: Johnson-Watson sky view; VDI 3787-2 radiation; UTCI Bröde 2012"
LEAST_SIDE, MOST_SIDE = 40.0, 300.0  # metres
AROUND = 100.0  # metres: what stands farther away is not seen
PART = 1.0  # metres of a cell, as near as whole parts of the surfaces' cells come to it
THROUGH = 0.03  # of the direct sun comes through a crown: Konarska et al. 2014
HOT_DAY = (8, 5)  # month and day whose sun is taken
STRESS = (32.0, 38.0, 46.0)  # °C UTCI: strong, very strong, extreme heat stress (Bröde et al. 2012)
SCALES: Mapping[str, Scale] = {
    "utci": Scale("°C", 26, 46, HEAT),
    "radiant": Scale("°C", 25, 70, HEAT),
    "sky": Scale("", 0, 1, MITIGATION),
    "sun": Scale("", 0, 1, ("#33415c", "#8d99ae", "#ffe8a3", "#ffc93c")),
    "utci_change": Scale("°C", -10, 10, COOLER, bent=True, nothing=0.05),
}


@dataclass(frozen=True)
class Air:
    """What is assumed of the hour: local time, % relative humidity, m/s at 10 m, metres of a tree."""

    hour: float = 15.0
    humidity: float = 55.0
    wind: float = 2.0
    tree: float = 8.0

    def __post_init__(self) -> None:
        if not (0 <= self.hour < 24 and 0 <= self.humidity <= 100 and 0.5 <= self.wind <= 17):
            raise Refusal("bad-hour", hour=self.hour, humidity=self.humidity, wind=self.wind)
        if not 2 <= self.tree <= 40:
            raise Refusal("bad-tree-height", metres=self.tree)


@dataclass(frozen=True)
class Felt:
    """One state of the window; NaN where nobody walks (houses) or nothing is known."""

    sun: Floats
    sky: Floats
    radiant: Floats
    utci: Floats

    def figures(self) -> dict[str, float | None]:
        """Means over the ground where people walk, and its shares above each degree of heat stress."""
        known = np.isfinite(self.utci)
        if not known.any():
            return dict.fromkeys(
                ("sun", "sky", "radiant", "utci", "strong", "very_strong", "extreme")
            )
        means = {name: float(getattr(self, name)[known].mean(dtype=np.float64))
                 for name in ("sun", "sky", "radiant", "utci")}  # fmt: skip
        shares = {
            name: float((self.utci[known] > least).mean())
            for name, least in zip(("strong", "very_strong", "extreme"), STRESS, strict=True)
        }
        return {**means, **shares}


@dataclass(frozen=True)
class Walk:
    """The window as it is and as the plan has it; after is before where there is no plan."""

    grid: Grid  # of the window's parts
    crs: str
    sun: Sun
    heights: str  # "outlines" of the map, or "cells" of the surface
    before: Felt
    after: Felt
    simulated: bool
    air: Air = field(default_factory=Air)

    def layer(self, name: str) -> Floats:
        if name == "utci_change":
            return np.asarray(self.after.utci - self.before.utci, np.float32)
        found: Floats = getattr(self.after, name)
        return np.where(np.isfinite(self.after.utci), found, np.float32(np.nan))

    def corners(self) -> list[tuple[float, float]]:
        """Degrees of north-west, north-east, south-east, south-west."""
        here = self.grid
        east, south = here.west + here.columns * here.cell, here.north - here.rows * here.cell
        lon, lat = to_degrees(
            np.array([here.west, east, east, here.west]),
            np.array([here.north, here.north, south, south]), self.crs,
        )  # fmt: skip
        return [(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]

    def said(self) -> dict[str, Any]:
        return {
            "corners": self.corners(), "cell": self.grid.cell, "sun": asdict(self.sun),
            "before": self.before.figures(), "after": self.after.figures(),
            "air": asdict(self.air), "day": f"{HOT_DAY[0]:02}-{HOT_DAY[1]:02}",
            "heights": self.heights, "method": METHOD, "simulated": self.simulated,
            "scales": {name: asdict(scale) for name, scale in SCALES.items()},
        }  # fmt: skip


def walk(
    place: Place, plan: Plan | None, centre: tuple[float, float], side: float, air: Air
) -> Walk:
    """A square of `side` metres around a point (metres of the city)."""
    if not LEAST_SIDE <= side <= MOST_SIDE:
        raise Refusal("bad-square", metres=side, least=LEAST_SIDE, most=MOST_SIDE)
    here = place.ground.grid
    inner = _window(here, centre, side / 2)
    outer = inner.grown(max(1, round(AROUND / here.cell)), here.shape)
    parts = max(1, round(here.cell / PART))
    around, within = _finer(here, outer, parts), _finer(here, inner, parts)
    solid, how = _houses(place, outer, around, parts)
    [lon], [lat] = to_degrees(np.array([centre[0]]), np.array([centre[1]]), place.city.crs)
    sun = sun_at(float(lon), float(lat), _moment(place, air.hour))
    view = _View(place, outer, inner, parts, solid, sun, air)
    before = view.felt(None)
    after = view.felt(plan) if plan else before
    return Walk(within, place.city.crs, sun, how, before, after, place.simulated, air)


@dataclass
class _View:
    """What the states of a window share: the houses, and the sky that they alone leave."""

    place: Place
    outer: Window
    inner: Window
    parts: int
    solid: Floats
    sun: Sun
    air: Air

    def __post_init__(self) -> None:
        self.grid = _finer(self.place.ground.grid, self.outer, self.parts)
        self.seen = Window(*(edge * self.parts for edge in (
            self.inner.top - self.outer.top, self.inner.bottom - self.outer.top,
            self.inner.left - self.outer.left, self.inner.right - self.outer.left)))  # fmt: skip
        self.open_sky = radiation.sky_view(self.solid, self.grid.cell, None, self.seen)
        self.open_sun = radiation.sunlit(self.solid, self.grid.cell, self.sun)[self.seen.of]

    def felt(self, plan: Plan | None) -> Felt:
        place, cells = self.place, self._cells(plan)
        crowns = self._crowns(plan, cells.shade)
        heights = np.maximum(self.solid, np.where(crowns, np.float32(self.air.tree), 0))
        heights = np.asarray(heights, np.float32)
        beneath = crowns & (self.solid <= EYES)
        sky = radiation.sky_view(heights, self.grid.cell, beneath, self.seen)
        lit = radiation.sunlit(heights, self.grid.cell, self.sun)[self.seen.of]
        sun = np.where(lit, 1, np.where(self.open_sun, THROUGH, 0)).astype(np.float32)
        sky = np.asarray(sky + np.float32(THROUGH) * (self.open_sky - sky), np.float32)
        heat, of = (plan.planned.heat if plan else place.ground.heat), self.inner.of
        water = cells.kc * place.ground.eto[self.outer.of] / np.float32(place.ground.highest)
        dry = self._fine(np.clip(1 - water, 0, 1))[self.seen.of]
        albedo = self._fine(np.clip(cells.albedo, 0, 1))[self.seen.of]
        air = self._fine(heat.temperature[of])
        known = self._fine(heat.mask[of]) & (self.solid[self.seen.of] <= EYES)
        radiant = radiation.mean_radiant(sky, sun, air, albedo, dry, self.sun, self.air.humidity)
        utci = comfort.utci(air, radiant, self.air.wind, self.air.humidity)
        return Felt(sun, sky, radiant, np.where(known, utci, np.float32(np.nan)))

    def _cells(self, plan: Plan | None) -> Any:
        """The ground's cells: a plan's land cover counts, what it puts on roofs does nobody feel here."""
        ground = self.place.ground
        taken: list[Measure] = []
        if plan:
            taken = [each for number, each in plan.planned.measures.items()
                     if plan.kinds[number] == Kind.LAND
                     and overlapping(each.window, self.outer)]  # fmt: skip
        return ground.worth.of(
            ground.places[self.outer.of], self.outer, taken, ground.grid.hectares
        )

    def _crowns(self, plan: Plan | None, shade: Floats) -> Flags:
        """Where crowns are: those of the cells, each around its middle, and a plan's trees one by one."""
        found = _around_middles(np.clip(shade, 0, 1), self.parts)
        for what, points in _trees(plan):
            self._stamp(found, points, what.crown / 2)
        return found

    def _stamp(self, into: Flags, points: np.ndarray[Any, Any], radius: float) -> None:
        here, reach = self.grid, int(np.ceil(radius / self.grid.cell)) + 1
        rows, columns = (
            (here.north - points[:, 1]) / here.cell,
            (points[:, 0] - here.west) / here.cell,
        )
        near = (rows > -reach) & (rows < here.rows + reach)
        near &= (columns > -reach) & (columns < here.columns + reach)
        for row, column in zip(rows[near].tolist(), columns[near].tolist(), strict=True):
            top, left = max(0, int(row) - reach), max(0, int(column) - reach)
            bottom, right = int(row) + reach + 1, int(column) + reach + 1
            part = into[top:bottom, left:right]
            down = (np.arange(top, top + part.shape[0]) + 0.5 - row)[:, None]
            across = (np.arange(left, left + part.shape[1]) + 0.5 - column)[None, :]
            part |= (down**2 + across**2) * here.cell**2 <= radius**2

    def _fine(self, values: Any) -> Any:
        return np.repeat(np.repeat(values, self.parts, 0), self.parts, 1)


def _window(here: Grid, centre: tuple[float, float], half: float) -> Window:
    x, y = centre
    row, column, reach = (here.north - y) / here.cell, (x - here.west) / here.cell, half / here.cell
    if not (0 <= row < here.rows and 0 <= column < here.columns):
        raise Refusal("outside-grid", extent=here.described())
    middle = Window(int(row), int(row) + 1, int(column), int(column) + 1)
    return middle.grown(max(1, round(reach)), here.shape)


def _finer(here: Grid, window: Window, parts: int) -> Grid:
    """The grid of a window's cells, each cut into parts by parts."""
    return Grid(
        window.shape[0] * parts, window.shape[1] * parts, here.cell / parts,
        here.west + window.left * here.cell, here.north - window.top * here.cell, here.crs,
    )  # fmt: skip


def _moment(place: Place, hour: float) -> datetime:
    """An hour of the hot day by the city's clock; any year has the same sun to a tenth of a degree."""
    clock = time(int(hour), int(hour % 1 * 60), tzinfo=ZoneInfo(place.city.time_zone))
    return datetime.combine(date(2026, *HOT_DAY), clock)


def _houses(place: Place, window: Window, grid: Grid, parts: int) -> tuple[Floats, str]:
    """Metres of houses over the ground: by their outlines where the map has them with heights."""
    x = grid.west + np.array([0, grid.columns * grid.cell])
    y = grid.north - np.array([grid.rows * grid.cell, 0])
    lon, lat = to_degrees(x, y, place.city.crs)
    box = (float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1]))
    rows = [(row, float(row.details["height_m"]))
            for row in touching(Shape, place.city, box, kind="building")
            if isinstance(row.details.get("height_m"), (int, float))]  # fmt: skip
    if rows:
        shapes = reproject(
            shapely.from_wkb([bytes(row.geometry) for row, _ in rows]), "EPSG:4326", place.city.crs
        )
        found = np.zeros(grid.shape, np.float32)
        heights = np.array([max(0.0, height) for _, height in rows], np.float32)
        painting.paint(grid, np.asarray(shapes, object), heights, found)
        return found, "outlines"
    surface = surfaces.newest_or_none(place.city, Layer.HEIGHT)
    if surface is None or surface.rows * surface.columns != place.ground.places.size:
        raise Refusal("no-heights")
    cells = surfaces.unpack(surface)
    known = np.where(cells.mask, cells.values, 0)[window.of]
    return np.repeat(np.repeat(known, parts, 0), parts, 1).astype(np.float32), "cells"


def _around_middles(shade: Floats, parts: int) -> Flags:
    """Of each cell as many parts as its share says, those nearest to its middle first."""
    at = np.arange(parts) - (parts - 1) / 2
    away = np.hypot(at[:, None], at[None, :]).ravel()
    order = np.empty(parts * parts, np.float32)
    order[np.argsort(away, kind="stable")] = np.arange(parts * parts)
    rank = np.tile(order.reshape(parts, parts), shade.shape)
    share = np.repeat(np.repeat(shade, parts, 0), parts, 1)
    return np.asarray(rank + 0.5 < share * parts * parts, np.bool_)


def _trees(plan: Plan | None) -> list[tuple[measures.Planting, np.ndarray[Any, Any]]]:
    """A plan's trees in force, where they stand in metres."""
    if plan is None:
        return []
    numbers = [number for number, kind in plan.kinds.items() if kind == Kind.TREES]
    found = []
    for edit in Edit.objects.filter(scenario=plan.scenario, number__in=numbers):
        what = measures.read(edit.kind, edit.what)
        assert isinstance(what, measures.Planting)
        lines = [np.asarray(line, np.float64) for line in edit.rings or ()]
        found.append((what, measures.places(what, lines)))
    return found
