"""`madang traffic`: street networks of a city, what was mended in them, and signal plans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from madang.ground.city.models import City
    from madang.systems.traffic.engine.repair import Repair

SHOWN = 8


@contextmanager
def _city(key: str) -> Iterator[City]:
    """The city of this key, with refusals as sentences."""
    import django

    django.setup()
    from madang.ground.city.models import City
    from madang.systems.traffic.sentences import REFUSALS
    from madang.systems.traffic.sources.refusal import UnreadableError

    found = City.objects.filter(key=key).first()
    if found is None:
        raise click.ClickException(f"No city is called {key}: madang city list")
    try:
        yield found
    except UnreadableError as error:
        raise click.ClickException(str(REFUSALS[error.code]) % error.figures) from error


@click.group()
def traffic() -> None:
    """The street: networks, what was mended in them, signal plans."""


@traffic.command()
@click.option("--city", "key", required=True)
@click.option("--osm", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--assume-plans", is_flag=True, help="make up plans where OpenStreetMap has signals")
@click.option("--dry-run", is_flag=True, help="say what would be mended, keep nothing")
def build(key: str, osm: Path | None, assume_plans: bool, dry_run: bool) -> None:
    """Make the street network of the city's standard links, or of an OpenStreetMap file."""
    with _city(key) as city:
        from madang.ground.trail.public import Actor
        from madang.systems.traffic.domain import building, networks

        draft = building.draft(city, osm, assume_plans)
        made = networks.make(draft)
        _tell(made.repairs)
        network = made.network
        click.echo(
            f"{len(network.nodes):,} nodes, {len(network.edges):,} edges, {len(network.turns):,} turns,"
            f" {len(network.signals):,} signals"
        )
        if dry_run:
            click.echo("This was a dry run: nothing has changed.")
            return
        brought = building.keep(city, made, osm, Actor(name="madang traffic"))
        click.echo(f"kept as import {str(brought.id)[-12:]}")


@traffic.command(name="networks")
@click.option("--city", "key", required=True)
def list_networks(key: str) -> None:
    """The city's street networks, the one in force first."""
    with _city(key) as city:
        from madang.systems.traffic.queries import networks

        for each in networks(city):
            click.echo(
                f"{each.made_by.began:%Y-%m-%d %H:%M}  {each.kind:<8} {each.nodes:>7,} nodes"
                f" {each.edges:>7,} edges {each.turns:>7,} turns {each.signals:>5,} signals"
                f" {len(each.repairs):>6,} repairs  {each.name}"
            )


@traffic.command()
@click.option("--city", "key", required=True)
@click.option(
    "--at", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]), help="the city's time; now"
)
def signals(key: str, at: datetime | None) -> None:
    """The plan and phase that every signal of the network in force runs, by its plans and the clock."""
    with _city(key) as city:
        from madang.systems.traffic.domain.in_force import in_force
        from madang.systems.traffic.domain.phases import signals_now
        from madang.systems.traffic.engine.repair import Repair

        zone = ZoneInfo(city.time_zone)
        now = at.replace(tzinfo=zone) if at else datetime.now(zone)
        found = in_force(city, now.date())
        if found is None:
            raise click.ClickException(f"{key} has no street network: madang traffic build")
        for each in signals_now(found.network, now):
            click.echo(
                f"{each.number:>8} {each.name}: plan {each.plan} of {each.plans}, phase {each.names},"
                f" cycle {each.cycle_s:g} s, offset {each.offset_s:g} s"
            )
        click.echo(f"{now:%Y-%m-%d %H:%M}, by the plans; nobody looked at the street for it.")
        _tell([Repair(*each) for each in found.misfits])


@traffic.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--city", "key", required=True)
def plans(file: Path, key: str) -> None:
    """Write the city's signal plans as a spreadsheet (신호운영표); `madang city import` takes it back."""
    with _city(key) as city:
        from madang.systems.traffic.operation_table import write

        with file.open("wb") as out:
            count = write(city, out)
        click.echo(f"{file}: {count:,} phases")


@traffic.command()
@click.argument("centre")
@click.option("--city", "key", required=True)
@click.option("--name", default="", help="how people call it")
def centre(centre: str, key: str, name: str) -> None:
    """Let another centre read what detectors measured; tells its credential, once. Again: a new one."""
    with _city(key) as city:
        from madang.ground.sensing.public import DeviceError
        from madang.ground.trail.public import Actor
        from madang.systems.traffic.domain.centres import let_in

        try:
            credential = let_in(city, centre, name, Actor(name="madang traffic centre"))
        except DeviceError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"Authorization: Bearer {centre}:{credential}")


def _tell(repairs: list[Repair]) -> None:
    from madang.systems.traffic.engine.repair import kinds
    from madang.systems.traffic.sentences import REPAIRS

    for kind, count in kinds(repairs).items():
        things = [each.thing for each in repairs if each.kind == kind]
        more = " …" if count > SHOWN else ""
        click.echo(f"{count:>6,}  {REPAIRS[kind]}: {', '.join(things[:SHOWN])}{more}")
