"""The `madang` command. Each subcommand imports what it needs when it runs."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """Madang: one platform that runs a digital city."""


@main.command()
def translations() -> None:
    """Compile the translation catalogues."""


@main.command()
def kernels() -> None:
    """Compile the numerical kernels into their cache."""
