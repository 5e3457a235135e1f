"""Surfaces of the city: brought as GeoTIFF, kept whole, one grid for all of a city's layers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from django.db import transaction
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.city.public import Record, Source, to_metres, write
from madang.ground.trail.public import Act, Actor, record
from madang.systems.climate import rasters
from madang.systems.climate.engine.grid import Grid, checked
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Layer, Surface

# lowest and highest that is believed; land cover holds codes
RANGES: Mapping[str, tuple[float, float]] = {
    Layer.EVAPOTRANSPIRATION: (0, 5_000),
    Layer.HEIGHT: (0, 2_000),
    Layer.ALBEDO: (0, 1),
    Layer.SHADE: (0, 1),
    Layer.ELEVATION: (-100, 3_000),
    Layer.ROOF: (0, 99),
    Layer.PEOPLE: (0, 100_000),
    Layer.RED: (0, 65_535),
    Layer.INFRARED: (0, 65_535),
    Layer.BIOTOPE: (1, 5),
}


def bring(city: City, path: Path, layer: Layer, source: Source, actor: Actor) -> Surface:
    """Take the file as the city's newest surface of layer; the very same file again changes nothing.

    Refusal where it does not lie on the grid of the city's land cover, does not touch the city or
    holds what cannot be.
    """
    found = rasters.read(path)
    check(city, found, layer, path.name)
    file = path.read_bytes()
    digest = hashlib.sha256(file).hexdigest()
    before = Surface.objects.filter(city=city, layer=layer, digest=digest).first()
    return before or _keep(city, found, layer, source, file, actor)


def put(city: City, found: rasters.Layer, layer: Layer, source: Source, actor: Actor) -> Surface:
    """Take cells in memory as the city's newest surface of layer, under the same conditions."""
    check(city, found, layer, str(layer.label))
    return _keep(city, found, layer, source, rasters.pack(found), actor)


def newest(city: City, layer: Layer) -> Surface:
    """The surface of layer that is in force."""
    surface = newest_or_none(city, layer)
    if surface is None:
        raise Refusal("no-surface", layer=layer.value)
    return surface


def grid(surface: Surface) -> Grid:
    return Grid(
        surface.rows, surface.columns, surface.cell, surface.west, surface.north, surface.crs
    )


def unpack(surface: Surface) -> rasters.Layer:
    """What the surface holds, in memory."""
    return rasters.unpack(bytes(surface.file), surface.layer)


def newest_or_none(city: City, layer: Layer) -> Surface | None:
    """The surface of layer that is in force, where the city brought one; its file is read when needed."""
    rows = Surface.objects.filter(city=city, layer=layer).defer("file")
    return rows.order_by("-brought", "-id").first()


def check(city: City, found: rasters.Layer, layer: Layer, name: str) -> None:
    """Refusal where found cannot be the city's surface of layer; name is what it is called there."""
    crs = int(city.crs.rpartition(":")[2])
    if found.grid.crs != crs:
        raise Refusal("other-crs", layer=name, found=found.grid.crs, expected=crs)
    if not _touches(city, found.grid):
        raise Refusal("outside-city", layer=name, found=found.grid.crs)
    if layer == Layer.LAND:
        if not np.issubdtype(found.values.dtype, np.integer):
            raise Refusal("not-whole", layer=name)
        return
    grid(newest(city, Layer.LAND)).agree(found.grid, name)
    checked(name, found.values, found.grid, *RANGES[layer], found.mask)


def _touches(city: City, here: Grid) -> bool:
    """Whether the grid meets the city's box; a city without one takes what comes."""
    if city.west is None or city.south is None or city.east is None or city.north is None:
        return True
    x, y = to_metres([city.west, city.east], [city.south, city.north], city.crs)
    east, south = here.west + here.columns * here.cell, here.north - here.rows * here.cell
    return bool(x[1] > here.west and x[0] < east and y[1] > south and y[0] < here.north)


def as_record(city: City, found: rasters.Layer, layer: Layer, file: bytes) -> Record:
    """found as a row of the city's data set; the same cells again are the same row."""
    here, digest = found.grid, hashlib.sha256(file).hexdigest()
    before = Surface.objects.filter(city=city, layer=layer, digest=digest).first()
    values = {
        "layer": layer.value, "rows": here.rows, "columns": here.columns, "cell": here.cell,
        "west": here.west, "north": here.north, "crs": here.crs, "known": int(found.mask.sum()),
        "digest": digest, "file": file, "brought": before.brought if before else timezone.now(),
    }  # fmt: skip
    return Record(Surface, digest, values)


@transaction.atomic
def _keep(
    city: City, found: rasters.Layer, layer: Layer, source: Source, file: bytes, actor: Actor
) -> Surface:
    row = as_record(city, found, layer, file)
    write(city, source, [row], actor)
    surface = Surface.objects.get(city=city, layer=layer, digest=row.key)
    detail = {"layer": layer.value, "digest": surface.digest}
    record(
        actor, Act("climate.surface_brought", city.pk, ("surface", str(surface.pk)), detail=detail)
    )
    return surface
