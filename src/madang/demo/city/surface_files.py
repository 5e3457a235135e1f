"""`madang city demo-surfaces`: the demo city's surfaces as files, in cells as small as 1 m."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from madang.demo.city.generate import DemoCity

ROWS = 512  # made at once: what a band of 1 m cells takes stays under a gigabyte


@click.command(name="demo-surfaces")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--cell", default=1.0, type=click.FloatRange(1, 100), help="metres")
@click.option("--scale", default=1.0)
@click.option("--seed", default=1, type=click.IntRange(min=0))
def demo_surfaces(folder: Path, cell: float, scale: float, seed: int) -> None:
    """Write the demo city's land cover, crowns, heights, roofs, residents, albedo as GeoTIFF.

    They are invented, as the demo city is: its blocks, streets and houses in cells of `--cell` metres.
    """
    import django

    django.setup()
    from madang.demo.city.generate import generate
    from madang.systems.climate.engine.refusal import Refusal
    from madang.systems.climate.sentences import said

    folder.mkdir(parents=True, exist_ok=True)
    try:
        _write(folder, generate(seed, scale), cell)
    except Refusal as refusal:
        raise click.ClickException(said(refusal)) from refusal


def _write(folder: Path, made: DemoCity, cell: float) -> None:
    from madang.demo.city.surfaces import Surfaces, bands_of, grid_of
    from madang.systems.climate.rasters import growing

    whole = grid_of(made, cell)
    done = 0
    with ExitStack() as files:
        open_files = {}
        for grid in bands_of(whole, ROWS):
            for layer, band in Surfaces(made, grid).layers():
                if layer not in open_files:
                    path = folder / f"{layer.value}.tif"
                    open_files[layer] = files.enter_context(growing(path, whole, band))
                open_files[layer](band, done)
            done += grid.rows
            click.echo(f"{done} / {whole.rows}")
