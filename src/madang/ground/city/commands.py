"""`madang city`: bringing files into a city, seeing what came of it, and taking it back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.ground.city import telling

if TYPE_CHECKING:
    from madang.ground.city.domain.intake import Options
    from madang.ground.city.domain.many import Step
    from madang.ground.city.models import City, Import

METRES, ZONE = "EPSG:5186", "Asia/Seoul"
SHOWN_CHANGES = 5
HINT_NEW_CITY = "Say --city KEY: an existing city's key, or a new one's."


@click.group()
def city() -> None:
    """Cities and what they hold: import, undo, list."""


@city.command(name="new")
@click.argument("key")
@click.option("--name", default="", help="its name in Korean")
@click.option("--name-en", default="", help="its name in English")
@click.option("--crs", default=METRES, help="the coordinate system it measures in, in metres")
@click.option("--time-zone", default=ZONE, help="the time on its clocks")
def new_city(key: str, name: str, name_en: str, crs: str, time_zone: str) -> None:
    """Make an empty city, at /KEY/.

    Fill it with `madang city import … --city KEY`: district outlines first, or an OpenStreetMap file.
    """
    names = {language: said for language, said in (("ko", name), ("en", name_en)) if said}
    made = _make_city(key, names or {"ko": key}, crs=crs, time_zone=time_zone)
    click.echo(f"{made.name('ko')} is at /{made.key}/, empty. Fill it with: madang city import")


@city.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--city", "key", help="the city's key; a new key makes a new city")
@click.option("--name", default="", help="a new city's name")
@click.option("--dry-run", is_flag=True, help="show what would change and change nothing")
@click.option("--crs", help="coordinate system of the files, such as EPSG:5186")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="the day the files speak of")
@click.option("--yes", is_flag=True, help="change existing rows without asking")
def import_files(
    paths: tuple[Path, ...],
    key: str | None,
    name: str,
    dry_run: bool,
    crs: str | None,
    date: datetime | None,
    yes: bool,
) -> None:
    """Bring files, folders and zip archives into a city.

    Each file is taken whole or not at all. Rows that cannot be taken are kept with their reasons:
    `madang city rejected ID` writes them to be corrected and imported again.
    """
    from madang.ground.city.domain.intake import Options

    options = Options(crs, date.date() if date else None)
    with _plain_errors(), _dry(dry_run):
        into = _city(key, name)
        done = _import_all(into, paths, options, yes or dry_run)
    if dry_run:
        click.echo("This was a dry run: nothing has changed.")
    if not any(done):
        sys.exit(1)


@city.command(name="imports")
@click.option("--city", "key", help="only this city's")
@click.option("--number", default=20, help="how many, the latest first")
def list_imports(key: str | None, number: int) -> None:
    """List imports with their counts."""
    from madang.ground.city.models import Import

    found = Import.objects.select_related("city").order_by("-began")
    if key:
        found = found.filter(city__key=key)
    for each in found[:number]:
        click.echo(
            f"{str(each.id)[-12:]}  {each.began:%Y-%m-%d %H:%M}  {each.city.key:<10} "
            f"{each.state:<11} {telling.counts(each)}  {each.file}"
        )


@city.command()
@click.argument("id")
@click.option("--reason", default="", help="why, for the trail")
def undo(id: str, reason: str) -> None:
    """Take the import ID back: its new rows go, its changed rows are as before."""
    from madang.ground.city.domain.undo import undo as take_back

    with _plain_errors():
        brought = _find_import(id)
        take_back(brought, _actor(), reason)
    click.echo(
        f"{brought.file}: {brought.new + brought.derived} rows taken out, {brought.changed} as before."
    )


@city.command()
@click.argument("id")
@click.option("--out", type=click.Path(path_type=Path), help="the file to write")
def rejected(id: str, out: Path | None) -> None:
    """Write the rows that import ID rejected, with their reasons, to correct and import again."""
    from madang.ground.city.export.rejections import rejected_rows

    with _plain_errors():
        file = rejected_rows(_find_import(id))
        target = out or Path(file.name)
        with target.open("wb") as stream:
            stream.writelines(file.pieces)
    click.echo(f"{target}: correct the rows and import this file.")


@city.command(name="list")
def list_cities() -> None:
    """List the cities and what they hold."""
    from madang.ground.city.models import City
    from madang.ground.city.queries.summaries import holdings

    for each in City.objects.order_by("key"):
        mark = "  (simulated)" if each.simulated else ""
        click.echo(f"{each.key}  {each.name('ko')}  {each.crs}{mark}")
        for held in holdings(each):
            tables = ", ".join(f"{count} {label}" for label, count in held.rows.items())
            day = held.data_set.as_of or "day unknown"
            click.echo(f"    {held.data_set.name('en')}: {tables or 'empty'} ({day})")


def _import_all(into: City, paths: tuple[Path, ...], options: Options, yes: bool) -> list[bool]:
    from madang.ground.city.domain.many import steps
    from madang.ground.city.reading.files import look_into

    with look_into(list(paths)) as found:
        todo = steps(found)
        done = [_import(into, step, options, yes) for step in todo]
    if any(telling.is_unrecognised(step) for step in todo):
        click.echo(f"What is recognised, and by which columns:\n{telling.recognised()}")
    return done


def _import(into: City, step: Step, options: Options, yes: bool) -> bool:
    from madang.ground.city.domain.imports import Decision, begin, bring
    from madang.ground.city.domain.landing import try_import

    if step.sheet is None or step.refused:
        click.echo(f"{step.name}: refused. {telling.why(step.refused)}")
        return False
    with try_import(into) as free:
        if not free:
            click.echo(f"Another import into {into.key} is running; waiting for it to end …")
    brought = begin(into, step.sheet, _actor())
    bring(
        brought,
        step.sheet,
        _actor(),
        options=options,
        decide=lambda shown: Decision.APPLY if yes or _agrees(shown) else Decision.LEAVE,
        progress=telling.progress(step.name),
    )
    telling.report(brought)
    return brought.state == "applied"


def _agrees(shown: Import) -> bool:
    """Ask before existing rows change; what only adds needs no question."""
    if not shown.changed:
        return True
    click.echo(f"\r{shown.file}: {telling.counts(shown)}")
    for change in shown.preview[:SHOWN_CHANGES]:
        click.echo(f"    {change['key']}: {change['before']} → {change['after']}")
    if not sys.stdin.isatty():
        click.echo("    Not applied: say --yes to change existing rows.")
        return False
    return click.confirm(f"    Change {shown.changed} rows?", default=False)


def _city(key: str | None, name: str) -> City:
    from madang.ground.city.models import City

    if key is None:
        own = list(City.objects.filter(simulated=False))
        if len(own) != 1:
            keys = ", ".join(City.objects.values_list("key", flat=True)) or "none yet"
            raise click.UsageError(f"{HINT_NEW_CITY} There are: {keys}.")
        return own[0]
    found = City.objects.filter(key=key).first()
    if found:
        return found
    return _make_city(key, {"ko": name or key})


def _make_city(key: str, names: dict[str, str], crs: str = METRES, time_zone: str = ZONE) -> City:
    from django.core.exceptions import ValidationError
    from django.utils import translation

    from madang.ground.city.domain.cities import make_city

    with translation.override("en"):
        try:
            return make_city(key, names, _actor(), crs=crs, time_zone=time_zone)
        except ValidationError as error:
            raise click.UsageError(f"'{key}' cannot be made: {' '.join(error.messages)}") from error


def _find_import(words: str) -> Import:
    from madang.ground.city.models import Import

    found = [each for each in Import.objects.order_by("-began") if str(each.id).endswith(words)]
    if len(found) != 1:
        raise click.UsageError(
            f"There are {len(found)} imports '{words}'; see `madang city imports`."
        )
    return found[0]


def _actor() -> Any:
    import getpass

    from madang.ground.trail.public import Actor

    return Actor(name=f"terminal ({getpass.getuser()})")


@contextmanager
def _plain_errors() -> Iterator[None]:
    from django.utils import translation

    from madang.ground.city.reasons import Because

    try:
        with translation.override("en"):
            yield
    except Because as reason:
        raise click.ClickException(str(reason)) from reason


@contextmanager
def _dry(dry_run: bool) -> Iterator[None]:
    """A transaction that is rolled back at the end of a dry run, so that files build on each other."""
    from django.db import transaction

    if not dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
