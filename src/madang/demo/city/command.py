"""`madang city demo`: a city to try the platform with."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--scale", default=1.0, help="how much of everything: 0.1 is a small city, 10 a tenfold one"
)
@click.option("--seed", default=1, type=click.IntRange(min=0), help="another seed is another city")
@click.option("--key", default="demo", help="the city's key in addresses: /demo/")
@click.option("--name", default="", help="the city's name, in Korean")
def demo(scale: float, seed: int, key: str, name: str) -> None:
    """Make a simulated city of Suwon's outline and size.

    Its districts have their real outlines; everything inside them is invented, and marked as simulated
    wherever it is shown. The same seed and scale make the same city.
    """
    from django.core.exceptions import ValidationError

    from madang.demo.city.making import NAME, make

    try:
        made = make(key, seed, scale, name or NAME, click.echo)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{made.name('ko')} is at /{made.key}/")
