"""`madang climate`: class tables and surfaces brought, and what they say of each district."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from madang.ground.city.models import City

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LAYERS = ("land", "eto", "height", "albedo", "shade")


@contextmanager
def _city(key: str) -> Iterator[City]:
    """The city of this key, with refusals as sentences."""
    import django

    django.setup()
    from madang.ground.city.models import City
    from madang.systems.climate.engine.refusal import Refusal
    from madang.systems.climate.sentences import said

    try:
        found = City.objects.filter(key=key).first()
        if found is None:
            raise Refusal("nobody-there", city=key)
        yield found
    except Refusal as refusal:
        raise click.ClickException(said(refusal)) from refusal


@click.group()
def climate() -> None:
    """Carbon and heat: class tables, surfaces, indicators."""


@climate.command()
@click.argument("file", type=FILE)
@click.option("--city", "key", required=True)
@click.option("--name", help="what the table is called; else the file's name")
def classes(file: Path, key: str, name: str | None) -> None:
    """Take a class table: CSV with code, name, coefficient, value, source, as_of."""
    with _city(key) as city:
        from madang.ground.trail.public import Actor
        from madang.systems.climate.domain.tables import bring

        table = bring(city, name or file.stem, file.read_bytes(), Actor(name="madang climate"))
        click.echo(f"{table.name}: {table.rows.count()} coefficients")


@climate.command()
@click.argument("file", type=FILE)
@click.option("--city", "key", required=True)
@click.option("--layer", type=click.Choice(LAYERS), required=True)
@click.option("--source", "said_by", required=True, help="who publishes it")
@click.option("--licence", default="")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="the day it speaks of")
@click.option("--simulated", is_flag=True, help="it is invented, and everything made of it")
def surface(
    file: Path,
    key: str,
    layer: str,
    said_by: str,
    licence: str,
    as_of: datetime | None,
    simulated: bool,
) -> None:
    """Take a GeoTIFF of one band as the city's surface of a layer."""
    with _city(key) as city:
        from madang.ground.city.public import Source
        from madang.ground.trail.public import Actor
        from madang.systems.climate.domain.surfaces import bring
        from madang.systems.climate.models import Layer

        source = Source(
            f"climate-{layer}", {"en": f"surface: {layer}"}, said_by, licence,
            as_of=as_of.date() if as_of else None, simulated=simulated,
        )  # fmt: skip
        kept = bring(city, file, Layer(layer), source, Actor(name="madang climate"))
        click.echo(f"{layer}: {kept.rows} x {kept.columns} cells of {kept.cell:g} m")


@climate.command()
@click.option("--city", "key", required=True)
@click.option("--level", default="dong")
@click.option("--reference", type=float, required=True, help="°C of the country around")
@click.option("--urban-heat", type=float, required=True, help="°C the city is warmer at most")
@click.option("--mixing", type=float, default=500.0, help="metres over which the air mixes")
@click.option("--park-cooling", type=float, default=450.0, help="metres over which a park cools")
def indicators(
    key: str, level: str, reference: float, urban_heat: float, mixing: float, park_cooling: float
) -> None:
    """Carbon and heat of each district as CSV on the terminal."""
    with _city(key) as city:
        from madang.systems.climate.domain.premises import Premises
        from madang.systems.climate.engine import memory
        from madang.systems.climate.engine.tables import POOLS
        from madang.systems.climate.queries import by_district

        memory.keep()
        given = Premises(reference, urban_heat, mixing, park_cooling)
        _ = given.climate  # what cannot be is said before anything is reckoned
        found = by_district(city, given, level)
        writer = csv.writer(sys.stdout)
        pools = [f"{name}_tC" for name in POOLS]
        writer.writerow(
            ["key", "name", "cells", "ha", *pools, "tC", "tCO2", "celsius", "celsius_night",
             "simulated"]
        )  # fmt: skip
        for row in found:
            weights = [f"{value:.3f}" for value in (*row.pools.values(), row.carbon, row.co2)]
            degrees = [
                "" if each is None else f"{each:.4f}" for each in (row.temperature, row.night)
            ]
            writer.writerow(
                [row.key, row.name, row.cells, f"{row.hectares:.4f}", *weights, *degrees,
                 row.simulated]
            )  # fmt: skip
