"""The `madang` command. Each subcommand imports what it needs when it runs."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from madang.run.refusal import Refusal

# Commands that rooms offer: each is run with the database ready, whether the platform is up or not.
ROOMS = {
    "cameras": "madang.systems.cameras.commands:cameras",
    "city": "madang.ground.city.commands:city",
    "climate": "madang.systems.climate.commands:climate",
    "people": "madang.ground.people.commands:people",
    "traffic": "madang.systems.traffic.commands:traffic",
    "trail": "madang.ground.trail.commands:trail",
}
# Commands that see to the servers themselves.
CARE = {
    name: f"madang.run.care.commands:{name}" for name in ("backup", "restore", "upgrade", "bundle")
}
# Commands that the demo adds to those of rooms.
MORE = {
    "city": (
        "madang.demo.city.command:demo",
        "madang.demo.city.surface_files:demo_surfaces",
    )
}
# Asking for help needs no database, nor does an outsider who checks an exported trail or footage.
WITHOUT_DATABASE = {"--help", "--export", "verify-export"}


class Commands(click.Group):
    """Our own commands and those of the rooms; a Refusal is shown as its sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ROOMS, *CARE])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        entry = {**ROOMS, **CARE}.get(name)
        if entry is None:
            return super().get_command(ctx, name)
        command: click.Command = _offered(entry)
        for more in MORE.get(name, ()):
            assert isinstance(command, click.Group)
            command.add_command(_offered(more))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except OSError as error:
            raise click.ClickException(_file_trouble(error)) from error


def _offered(name: str) -> Any:
    module, attribute = name.split(":")
    return getattr(importlib.import_module(module), attribute)


@click.group(cls=Commands)
@click.option("-s", "--set", "words", multiple=True, metavar="NAME=VALUE", help="set a setting")
@click.version_option(package_name=None, version=importlib.import_module("madang").__version__)
@click.pass_context
def main(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Madang: one platform that runs a digital city."""
    from madang.run.settings import set_from_words

    set_from_words(words)
    if ctx.invoked_subcommand in ROOMS and not WITHOUT_DATABASE & set(sys.argv):
        ctx.with_resource(_room(ctx.invoked_subcommand))


@main.command()
def up() -> None:
    """Start the whole platform and stay with it until Ctrl-C."""
    from madang.run.settings import home, settings
    from madang.run.up import up

    up(home(), settings())


@main.command()
def stop() -> None:
    """Stop the platform that runs in this home folder."""
    from madang.run.settings import home
    from madang.run.status import stop

    stop(home())
    click.echo("Madang has stopped.")


@main.command()
def status() -> None:
    """Say what runs and how it is; the exit code is 1 unless all is well."""
    from madang.run.settings import home
    from madang.run.status import is_well, lines

    for line in lines(home()):
        click.echo(line)
    if not is_well(home()):
        sys.exit(1)


@main.command()
@click.argument("name")
@click.option("--number", default=1, help="which of several processes of this name, from 1")
def run(name: str, number: int) -> None:
    """Run one process alone: a server (postgres, nats) or one of the platform's."""
    from madang.run import one, processes, servers
    from madang.run.settings import home, settings

    if name in processes.SERVERS:
        return servers.run_alone(name, home(), settings())
    try:
        line = processes.process(name)
    except KeyError:
        names = [*processes.SERVERS, *(line.name for line in processes.PROCESSES)]
        raise Refusal(f"There is no process '{name}'. There are: {', '.join(names)}.") from None
    return one.run(line, number)


@main.command(hidden=True)
def nursery() -> None:
    """The process that the others are split off from; `madang up` starts it."""
    from madang.run.nursery import main

    main()


@main.command()
def prepare() -> None:
    """Bring the database to this version; `madang up` does it by itself."""
    from madang.run.offline import servers
    from madang.run.preparation import prepare
    from madang.run.settings import home, settings

    with servers(home(), settings(), "prepare"):
        _django()
        prepare(home(), settings())


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def manage(words: tuple[str, ...]) -> None:
    """Run one of Django's own commands, as the role that owns the tables."""
    from madang.run.databases import owner_url
    from madang.run.offline import servers
    from madang.run.settings import home, settings

    with servers(home(), settings(), f"manage {' '.join(words[:1])}"):
        os.environ["MADANG_DATABASE_URL"] = owner_url(home(), settings())
        settings.cache_clear()
        _django()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["madang manage", *words])


@main.group()
def db() -> None:
    """The database."""


@db.command()
@click.option("--owner", is_flag=True, help="as the role that owns the tables")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def shell(owner: bool, words: tuple[str, ...]) -> None:
    """psql on the database, as the application's role; put psql's own options after --."""
    import subprocess

    from madang.run.databases import app_url, client_environment, owner_url
    from madang.run.engines import program
    from madang.run.offline import servers
    from madang.run.settings import home, settings

    with servers(home(), settings(), "db shell"):
        url = (owner_url if owner else app_url)(home(), settings())
        environment = client_environment(url)
        done = subprocess.run([program("psql"), *words], check=False, env=environment)
    sys.exit(done.returncode)


@main.group()
def config() -> None:
    """The settings."""


@config.command(name="show")
def show_config() -> None:
    """Every setting, its value and where that comes from."""
    from madang.run import configuration

    click.echo("\n".join(configuration.show()))


@config.command(name="help")
def explain_config() -> None:
    """Every setting with its help, as a file to copy and change."""
    from madang.run import configuration

    click.echo("\n".join(configuration.explain()))


@config.command(name="check")
def check_config() -> None:
    """Say what is wrong with the settings and what to do."""
    from madang.run import configuration

    found = configuration.mistakes()
    for sentence in found:
        click.echo(sentence, err=True)
    if found:
        sys.exit(1)
    click.echo("The settings can be used.")


@config.command(name="nats")
def nats_config() -> None:
    """The part of nats.conf with which devices come to a NATS of your own; it holds passwords."""
    import json

    from madang.run import nats
    from madang.run.settings import home

    click.echo(json.dumps(nats.rules(home()), indent=1))


@main.command()
def translations() -> None:
    """Compile the translation catalogues that changed."""
    from madang.ground.web.catalogues import compile_all

    compile_all()


@main.command()
def kernels() -> None:
    """Compile the numerical kernels into their cache."""
    from madang.run.kernels import warm_all

    warm_all()


def _room(name: str) -> Any:
    """The platform for a command of a room: database ready, tables of this version, Django set up."""
    import contextlib

    from madang.run.offline import servers
    from madang.run.preparation import bring_up_to_date
    from madang.run.settings import home, settings

    @contextlib.contextmanager
    def platform() -> Any:
        with servers(home(), settings(), name) as ours:
            _django()
            if ours:
                bring_up_to_date(home(), settings())
            yield

    return platform()


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.run.django_settings")
    import django

    django.setup()


def _file_trouble(error: OSError) -> str:
    from madang.run.home import explain
    from madang.run.settings import home

    return explain(error, home()) if error.filename else str(error)
