"""`madang trail`: the check an outsider can make, and what is needed for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def trail() -> None:
    """The trail of acts: check it, export it, keep its heads."""


@trail.command()
@click.option("--heads", type=FILE, help="heads kept outside: what /trail/heads answered, or notes")
@click.option("--key", "vkeys", multiple=True, help="a public key to trust; else those in --heads")
@click.option("--export", "exported", type=FILE, help="check this exported file, not the database")
def verify(heads: Path | None, vkeys: tuple[str, ...], exported: Path | None) -> None:
    """Check the whole trail against signed heads; exit status 1 if anything is not as it was.

    Without --heads it uses the heads in the database itself. That finds mistakes, not an owner of the
    database who made new heads too: for that, keep heads elsewhere.
    """
    from madang.ground.trail.audit import check
    from madang.ground.trail.notes import Key, NoteError
    from madang.ground.trail.reading import ExportError, kept_heads

    try:
        notes, keys = kept_heads(heads) if heads else _own_heads()
        keys = [Key.parse(vkey) for vkey in vkeys] or keys
        with _source(exported) as (rows, waiting):
            report = check(rows, notes, keys, waiting)
    except (NoteError, ExportError, ValueError, KeyError) as error:
        raise click.ClickException(str(error)) from error
    _tell(report)
    sys.exit(0 if report.sound and report.heads else 1)


@trail.command()
@click.argument("file", type=click.File("w", encoding="utf-8"))
def export(file: Any) -> None:
    """Write the whole trail, personal parts included, into FILE (- for the terminal)."""
    from madang.ground.trail import reading

    with _source(None) as (rows, waiting):
        count = reading.export(rows, waiting, file)
    click.echo(f"{count} entries, and {waiting} that wait for their place.", err=True)


@trail.command()
@click.argument("file", type=click.File("w", encoding="utf-8"))
def heads(file: Any) -> None:
    """Write every signed head and key into FILE, to be kept where nobody of the city can reach it."""
    import json

    from madang.ground.trail.queries import heads_answer

    with _database():
        json.dump(heads_answer(0, None), file, indent=1)


@trail.command()
@click.option("--reason", required=True, help="why the key changes; kept in the trail")
def change_key(reason: str) -> None:
    """Sign with the key that is configured now, though another one signed before."""
    from django.conf import settings

    from madang.ground.trail.domain.keys import change_key
    from madang.ground.trail.public import Actor
    from madang.ground.trail.worker import configured_signer

    with _database():
        key = change_key(Actor(name="terminal"), settings.TRAIL_ORIGIN, configured_signer(), reason)
    click.echo(
        f"Heads are signed with this key from now on; give it to those who keep heads:\n{key.vkey}"
    )


def _own_heads() -> tuple[list[str], list[Any]]:
    from madang.ground.trail.notes import Key
    from madang.ground.trail.queries import heads_answer

    with _database():
        answer = heads_answer(0, None)
    click.echo(
        "Checked against the heads in the database itself; --heads takes those kept outside."
    )
    return [head["note"] for head in answer["heads"]], [Key.parse(key) for key in answer["keys"]]


@contextmanager
def _source(exported: Path | None) -> Iterator[tuple[Any, int]]:
    from madang.ground.trail import reading

    if exported:
        yield reading.export_rows(exported), reading.export_waiting(exported)
        return
    import psycopg

    with _database() as connection, psycopg.connect(**_words(connection)) as own:
        yield reading.database_rows(own), reading.database_waiting(own)


def _words(connection: Any) -> dict[str, Any]:
    """How to reach Django's database without Django's pool."""
    words = connection.get_connection_params()
    kept = (
        "dbname",
        "user",
        "password",
        "host",
        "port",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
    )
    return {name: words[name] for name in kept if words.get(name)}


@contextmanager
def _database() -> Iterator[Any]:
    import django
    from django.db import OperationalError, ProgrammingError, connection

    django.setup()
    try:
        yield connection
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"The database cannot be read ({str(error).strip()}). Start it with: make up"
        ) from error


def _tell(report: Any) -> None:
    click.echo(
        f"{report.entries} entries; {report.under_heads} under {report.heads} checked heads."
    )
    if report.not_under_heads:
        click.echo(f"{report.not_under_heads} are not yet under a head that was kept outside.")
    if report.destroyed:
        click.echo(f"Of {report.destroyed} the personal data was destroyed, by acts in the trail.")
    for finding in report.findings:
        where = (
            f"{finding.first}"
            if finding.first == finding.last
            else f"{finding.first}-{finding.last}"
        )
        click.echo(f"  {finding.kind} at {where}: {finding.words}")
    if not report.heads:
        click.echo("No head was checked: nothing is proved.")
    elif report.sound:
        click.echo("Sound: everything under the heads is what was signed.")
