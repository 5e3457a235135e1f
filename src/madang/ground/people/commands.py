"""`madang people`: what must be done from a terminal, before anybody can sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def _city_hall() -> Iterator[None]:
    """Django, with errors as sentences."""
    import django

    django.setup()
    from django.db import OperationalError

    from madang.ground.people.errors import PeopleError

    try:
        yield
    except PeopleError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(
            f"The database does not answer ({str(error).strip()}). Start it with: make up"
        ) from error


@click.group()
def people() -> None:
    """Accounts and roles, from the terminal."""


@people.command()
@click.argument("email")
@click.option("--name", default="", help="the person's name")
@click.option("--city", "key", help="administrator of this city (its key)")
@click.option("--installation", is_flag=True, help="steward of the whole installation")
@click.password_option(envvar="MADANG_PASSWORD")
def add_administrator(
    email: str, name: str, key: str | None, installation: bool, password: str
) -> None:
    """Make EMAIL an administrator of a city, or the steward of the installation."""
    if not key and not installation:
        raise click.UsageError("Say --city KEY, or --installation, or both.")
    with _city_hall():
        from madang.ground.people.domain.administrators import add_administrator

        add_administrator(email, name, password, key, installation)
    click.echo(f"{email} can sign in now.")


@people.command()
@click.argument("email")
@click.password_option(envvar="MADANG_PASSWORD")
def set_password(email: str, password: str) -> None:
    """Give EMAIL a new password; whoever signed in with the old one is signed out."""
    with _city_hall():
        from madang.ground.people.domain.accounts import set_password
        from madang.ground.people.domain.administrators import TERMINAL, find_account

        set_password(TERMINAL, find_account(email), password)
    click.echo(f"{email} has a new password.")


@people.command()
@click.argument("email")
@click.option("--proof", prompt="How did you make sure who it is?", help="kept in the trail")
def take_factors(email: str, proof: str) -> None:
    """Take away EMAIL's lost passkeys and one-time codes, a steward's too; their sessions end."""
    with _city_hall():
        from madang.ground.people.domain.accounts import take_lost_factors
        from madang.ground.people.domain.administrators import TERMINAL, find_account

        count = take_lost_factors(TERMINAL, find_account(email), proof)
    click.echo(f"{count} taken away. New ones are set up after signing in with the password.")


@people.command(name="list")
@click.option("--city", "key", help="only people of this city (its key)")
def list_people(key: str | None) -> None:
    """Accounts and the roles they hold now."""
    with _city_hall():
        from madang.ground.people.queries import accounts_with_roles

        for account in accounts_with_roles(key):
            marks = [name for name in ("steward", "demo") if getattr(account, name)]
            marks += [] if account.is_active else ["off"]
            words = [account.email, account.name, " ".join(account.held), " ".join(marks)]
            click.echo("\t".join(words))
