"""The `madang` command. Each subcommand imports what it needs when it runs."""

from __future__ import annotations

import os

import click

from madang.ground.people.commands import people
from madang.ground.trail.commands import trail


@click.group()
def main() -> None:
    """Madang: one platform that runs a digital city."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.run.django_settings")


main.add_command(people)
main.add_command(trail)


@main.command()
def translations() -> None:
    """Compile the translation catalogues."""
    from madang.ground.web.catalogues import compile_all

    compile_all()


@main.command()
def kernels() -> None:
    """Compile the numerical kernels into their cache."""


@main.command()
def up() -> None:
    """Start the whole platform and stay with it until Ctrl-C."""
    from madang.run.settings import home, settings
    from madang.run.up import up

    up(home(), settings())


@main.command(hidden=True)
def nursery() -> None:
    """The process that the others are split off from; `madang up` starts it."""
    from madang.run.nursery import main

    main()


@main.command()
@click.argument("name")
@click.option("--number", default=1, help="which of several processes of this name, from 1")
def run(name: str, number: int) -> None:
    """Run one process alone."""
    from madang.run import one, processes

    try:
        line = processes.process(name)
    except KeyError:
        names = ", ".join(line.name for line in processes.PROCESSES)
        raise click.ClickException(f"There is no process '{name}'. There are: {names}.") from None
    one.run(line, number)
