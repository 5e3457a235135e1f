"""`madang cameras`: what whoever gets footage checks, without us and without a network."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def cameras() -> None:
    """Footage that left the centre."""


@cameras.command("verify-export")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--key", default="", help="the city's public key, as you know it from elsewhere")
def verify_export(path: Path, key: str) -> None:
    """Check a package (zip file, or the folder it was unpacked into); exit status 1 if a bit differs.

    Without --key it checks that the package is as it was signed, and says with which key: compare that
    with the one that the city publishes.
    """
    from madang.systems.cameras.giving.manifest import ExportError, verify

    try:
        found = verify(path, key)
    except ExportError as error:
        click.echo(f"NOT as it was made: {error}", err=True)
        sys.exit(1)
    said = found.manifest
    click.echo(f"Package {said['package']['number']} of {said['city']['name']} is as it was made.")
    click.echo(f"  for        {said['receiver']}: {said['purpose']}")
    click.echo(f"  basis      {said['basis']['words']}")
    click.echo(f"  approved   {said['approved']['by']}, {said['approved']['at']}")
    for span in said["spans"]:
        click.echo(f"  footage    {span['camera']}  {span['begins']} – {span['ends']}")
        for gap in span["gaps"]:
            click.echo(f"    missing  {gap['begins']} – {gap['ends']}  {gap['why']}")
    click.echo(f"  files      {len(said['files'])}, each by its SHA-256")
    click.echo(f"  signed     {found.key.vkey}")
