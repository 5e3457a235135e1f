"""The cities and plans that the climate process holds in memory, made from the store and kept up to it.

The store is the truth: a plan here is the rows of its edits, taken in their order. Whoever asks is
answered from what the rows say at that moment, so that a process that dies has lost nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.ground.city.models.districts import District
from madang.ground.city.projection import reproject
from madang.ground.city.queries.summaries import districts as figures_of
from madang.systems.climate.domain import fitting, inventory, measures, premises, surfaces, tables
from madang.systems.climate.engine import cooling, greenness, grid, zones
from madang.systems.climate.engine.carbon import pools
from madang.systems.climate.engine.corrected import City as Heat
from madang.systems.climate.engine.grid import Doubles, Flags, Floats, Window
from madang.systems.climate.engine.measures import Cells, Measure, Painted, Worth
from madang.systems.climate.engine.planned import Ground, Planned
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import UNKNOWN, Places, Table
from madang.systems.climate.models import Edit, Layer, Scenario, Surface
from madang.systems.climate.pictures import Scale, scales

if TYPE_CHECKING:
    from madang.systems.climate.stations import Now
    from madang.systems.climate.walking import Walk

MOST_BYTES = 1_400_000_000  # of all that is held: the platform as a whole has 4 GB
OF_GROUND, OF_PLAN, OF_NIGHT = 87, 26, 20  # bytes for each cell, reckoned from the arrays held


@dataclass(frozen=True)
class Place:
    """A city on a land cover, a table and a climate: what its plans share."""

    city: City
    ground: Ground
    codes: list[int]
    table: Table
    standing: inventory.Standing
    density: Floats  # t C/ha by place in the table
    districts: list[District]
    cells: NDArray[np.int64]  # known cells of each district
    residents: float | None
    scales: dict[str, Scale]
    inputs: dict[str, str]
    simulated: bool = False
    ndvi: NDArray[np.float16] | None = None  # where the city brought an image
    classes: dict[str, str] = field(default_factory=dict)
    parts: Doubles = field(default_factory=lambda: np.zeros(3))  # means of shade, albedo and ETI

    @cached_property
    def built(self) -> float:
        """The mean intensity of the city's buildings."""
        night = self.ground.night
        return 1 - float(night.capacity[night.mask].mean(dtype=np.float64))


@dataclass(frozen=True)
class Tried:
    """Something drawn that lies in a plan and is no row: where it changed the air, and the sums before."""

    edit: Edit
    reached: Window
    sums: Doubles
    people: Doubles

    def is_kept_as(self, row: Edit) -> bool:
        return row.undoes_id is None and _drawn(row) == _drawn(self.edit)


def _drawn(edit: Edit) -> tuple[object, ...]:
    rings = [[tuple(point) for point in ring] for ring in edit.rings or ()]
    return edit.number, edit.kind, rings, edit.code, edit.what


@dataclass
class Plan:
    """A plan in memory, up to a version of its rows."""

    scenario: Scenario
    place: Place
    planned: Planned
    premises: premises.Premises
    version: int = 0
    amounts: dict[int, measures.Amount] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    reached: dict[int, Window] = field(default_factory=dict)
    tried: Tried | None = None

    def take(self, edit: Edit) -> None:
        """The next row of the plan."""
        if self.tried and self.tried.is_kept_as(edit):
            self.reached[edit.number], self.tried = self.tried.reached, None
        elif edit.undoes_id is not None:
            self.forget()
            number = edit.undoes.number if edit.undoes else 0
            self.reached[edit.number] = self.planned.remove(number)
            del self.amounts[number], self.kinds[number]
        else:
            self.forget()
            self.reached[edit.number] = self._add(edit)
        self.version = edit.number

    def _add(self, edit: Edit) -> Window:
        measure, amount = self.measured(edit)
        reached = self.planned.add(edit.number, measure)
        self.amounts[edit.number], self.kinds[edit.number] = amount, edit.kind
        return reached

    def attempt(self, edit: Edit) -> None:
        """Take what is drawn and not kept, until something else is asked of the plan: who tries a thing
        mostly keeps it next, and then nothing is left to reckon.
        """
        if self.tried and self.tried.is_kept_as(edit):
            return
        self.forget()
        before = self.planned.sums.copy(), self.planned.people.copy()
        self.tried = Tried(edit, self._add(edit), *before)

    def forget(self) -> None:
        """Let go of what was tried; what float sums leave is not kept."""
        if self.tried is None:
            return
        tried, self.tried = self.tried, None
        number = tried.edit.number
        self.planned.remove(number)
        self.planned.sums, self.planned.people = tried.sums, tried.people
        del self.amounts[number], self.kinds[number]

    def measured(self, edit: Edit) -> tuple[Measure, measures.Amount]:
        ground = self.place.ground
        measure, amount = measures.cells(edit, ground.grid, self.place.codes, self.premises.years)
        if isinstance(measure, Painted):
            was = ground.places[measure.window.of][measure.flags]
            known = was[was != UNKNOWN]
            classes = -np.bincount(known, minlength=256).astype(np.float64)
            classes[measure.place] += len(known)
            amount = replace(amount, classes=classes)
        return measure, amount

    def settled(self) -> Plan:
        """This, its air reckoned as nobody's memory would: what edits left behind in float sums is gone."""
        self.planned.settle()
        return self

    def afresh(self) -> Plan:
        """The edits in force, taken one after the other by somebody who held nothing before."""
        other = Plan(self.scenario, self.place, Planned(self.place.ground), self.premises)
        rows = Edit.objects.filter(
            scenario=self.scenario, number__in=list(self.amounts)
        ).select_related("undoes")
        for edit in rows.order_by("number"):
            other.take(edit)
        other.version = self.version
        return other

    def since(self, version: int) -> Window | None:
        """Where the air changed after a version."""
        found: Window | None = None
        for number, window in self.reached.items():
            if number > version:
                found = window if found is None else found.joined(window)
        return found


class Held:
    """Everything in memory, least lately asked for first to go."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._places: OrderedDict[tuple[object, ...], Place] = OrderedDict()
        self._plans: OrderedDict[UUID, Plan] = OrderedDict()
        self.moments: dict[UUID, tuple[float, Place, Now]] = {}  # of each city, for some seconds
        self.walks: OrderedDict[tuple[object, ...], Walk] = OrderedDict()

    def place(self, city: City, scenario: Scenario | None = None) -> Place:
        """The city as it is, or as it was when scenario was begun."""
        given = premises.read(scenario.premises) if scenario else fitting.day_of(city)
        land = scenario.land if scenario else surfaces.newest(city, Layer.LAND)
        table = scenario.table if scenario else tables.newest(city)
        layers = {
            layer: surfaces.newest_or_none(city, layer)
            for layer in (Layer.EVAPOTRANSPIRATION, *MEASURED)
        }
        if layers[Layer.EVAPOTRANSPIRATION] is None:
            raise Refusal("no-surface", layer=Layer.EVAPOTRANSPIRATION.value)
        digests = tuple(each.digest if each else "" for each in layers.values())
        counted = inventory.version(city)
        key = (city.pk, land.digest, table.pk, digests, counted, given.climate, given.night)
        found = self._places.get(key)
        if found is None:
            self._room(land.rows * land.columns * OF_GROUND)
            found = self._places[key] = load(city, land, tables.engine_table(table), layers, given)
            found.inputs["table"] = str(table.pk)
            found.classes.update(table=str(table.pk), name=table.name, sha256=tables.digest(table))
            found.inputs["trees"] = counted
        self._places.move_to_end(key)
        return found

    def plan(self, scenario: UUID, city: UUID, *, trying: bool = False) -> Plan:
        """The plan with every row that the store has of it; trying: what was tried before may stay in it."""
        found = self._plans.get(scenario)
        if found is None:
            found = self._open(scenario, city)
        self._plans.move_to_end(scenario)
        rows = Edit.objects.filter(scenario=scenario, number__gt=found.version)
        for edit in rows.select_related("undoes").order_by("number"):
            try:
                found.take(edit)
            except BaseException:
                del self._plans[scenario]  # half taken is worse than not held
                raise
        if not trying:
            found.forget()
        self._forget_nights(found)
        return found

    def _open(self, scenario: UUID, city: UUID) -> Plan:
        row = (
            Scenario.objects.select_related("land", "table", "city").defer("land__file")
            .filter(pk=scenario, city=city).first()
        )  # fmt: skip
        if row is None:
            raise Refusal("no-scenario")
        place = self.place(row.city, row)
        self._room(row.land.rows * row.land.columns * OF_PLAN)
        plan = Plan(row, place, Planned(place.ground), premises.read(row.premises))
        self._plans[scenario] = plan
        return plan

    def _room(self, wanted: int) -> None:
        """Let go of plans, then of cities nobody has a plan on, until wanted bytes fit."""
        while self._plans and self._bytes() + wanted > self._most:
            self._plans.popitem(last=False)
        while self._places and self._bytes() + wanted > self._most:
            self._places.popitem(last=False)

    def _forget_nights(self, used: Plan) -> None:
        """Nights are made again within a second: those of plans looked at longest ago go first."""
        for plan in self._plans.values():
            if self._bytes() <= self._most:
                return
            if plan is not used:
                plan.planned.forget_night()

    def _bytes(self) -> int:
        places = sum(
            each.ground.places.size * (OF_GROUND + OF_NIGHT * each.ground.holds_night)
            for each in self._places.values()
        )
        return places + sum(
            each.place.ground.places.size * (OF_PLAN + OF_NIGHT * each.planned.holds_night)
            for each in self._plans.values()
        )


MEASURED = (Layer.ALBEDO, Layer.SHADE, Layer.RED, Layer.INFRARED)


def load(
    city: City,
    land: Surface,
    table: Table,
    layers: dict[Layer, Surface | None],
    given: premises.Premises,
) -> Place:
    """A city's surfaces as the engine holds them."""
    found = surfaces.unpack(land)
    nodata = -1
    places = table.places(np.where(found.mask, found.values.astype(np.int64), nodata), nodata)
    water = layers[Layer.EVAPOTRANSPIRATION]
    assert water is not None
    eto = surfaces.unpack(water)
    worth = Worth(table, _raster(layers[Layer.SHADE]), _raster(layers[Layer.ALBEDO]))
    here, mask = found.grid, (places != UNKNOWN) & eto.mask
    values = np.where(mask, eto.values, 0).astype(np.float32)
    everywhere = Window(0, here.rows, 0, here.columns)
    cells = worth.of(places, everywhere, (), here.hectares)
    capacity = cooling.by_day(
        cells.shade, cells.albedo, cells.kc, values, mask, given.climate.weights
    )
    heat = Heat(capacity, cells.green & mask, mask, given.climate, here.cell)
    districts = list(District.objects.filter(city=city, level="dong").order_by("key"))
    areas, _ = grid.labels(here, rings_of(city, districts))
    people, residents = _people(city, districts, areas, places, table, mask)
    highest = float(np.round(values[mask].max(initial=0.0), cooling.DECIMALS))
    density = table_density(table)
    temperatures = heat.temperature[mask]
    low, high = (float(np.floor(each * 2) / 2) for each in (temperatures.min(), temperatures.max()))
    return Place(
        city,
        Ground(here, places, worth, values, highest, heat, areas, len(districts), people, given.night),
        table.codes.tolist(), table, inventory.by_cell(city, here), density, districts,
        zones.statistics(heat.temperature, mask, areas, max(1, len(districts))).cells,
        residents,
        scales((low, max(high + 0.5, low + 0.5)), _nightly(given), max(1.0, float(density.max()))),
        {"land": land.digest, **{
            layer.value: each.digest for layer, each in layers.items() if each is not None}},
        simulated=land.data_set.simulated, ndvi=_ndvi(layers), parts=_parts(cells, values, highest, mask),
    )  # fmt: skip


def _nightly(given: premises.Premises) -> tuple[float, float]:
    """Between what the air by night can lie at all: nobody has asked for it yet."""
    low = given.night.reference
    return low, low + max(given.night.urban_heat, 0.5)


def _parts(cells: Cells, eto: Floats, highest: float, mask: Flags) -> Doubles:
    """The city's means of shade, albedo and evapotranspiration index."""
    water = cells.kc * eto / np.float32(highest)
    return np.array([float(each[mask].mean(dtype=np.float64))
                     for each in (cells.shade, cells.albedo, water)])  # fmt: skip


def table_density(table: Table) -> Floats:
    """t C/ha of each place in the table, NaN for unknown."""
    column = pools(table).sum(axis=1).astype(np.float32)
    column[len(table.classes) :] = np.nan
    return np.asarray(column, np.float32)


def _raster(surface: Surface | None) -> Floats | None:
    if surface is None:
        return None
    found = surfaces.unpack(surface)
    return np.where(found.mask, found.values, np.nan).astype(np.float32)


def _ndvi(layers: dict[Layer, Surface | None]) -> NDArray[np.float16] | None:
    """To a thousandth; None without both lights of an image."""
    red, infrared = _raster(layers[Layer.RED]), _raster(layers[Layer.INFRARED])
    if red is None or infrared is None:
        return None
    return greenness.ndvi(red, infrared).astype(np.float16)


def rings_of(city: City, districts: list[District]) -> dict[str, list[Doubles]]:
    """The rings of each district in the city's metres."""
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


def _people(
    city: City,
    districts: list[District],
    areas: zones.Zones,
    places: Places,
    table: Table,
    mask: NDArray[np.bool_],
) -> tuple[Floats, float | None]:
    """Residents of each cell: those of a dong, spread by how densely a class is built."""
    known = {each.district.key: each.residents for each in figures_of(city)}
    counts = [known.get(each.key) for each in districts]
    if not districts or all(each is None for each in counts):
        return np.zeros(places.shape, np.float32), None
    built = np.where(mask, table.column("intensity").astype(np.float32)[places], 0)
    sums = zones.statistics(built.astype(np.float32), mask, areas, len(districts)).sums
    each = np.array([0.0 if n is None else float(n) for n in counts])
    factors = np.divide(each, sums, out=np.zeros_like(each), where=sums > 0).astype(np.float32)
    spread = np.where(areas >= 0, built * factors[np.maximum(areas, 0)], 0)
    return np.asarray(spread, np.float32), float(each.sum())
