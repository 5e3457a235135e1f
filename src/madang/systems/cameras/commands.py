"""`madang cameras`: what whoever gets footage checks, without us and without a network; and the city's ONVIF
devices by command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.group()
def cameras() -> None:
    """Footage that left the centre; ONVIF devices and recorders."""


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


@cameras.group()
def recorders() -> None:
    """ONVIF devices and recorders: add, ask, list, find."""


@recorders.command("list")
@click.option("--city", "key", required=True, help="the city's key")
def list_recorders(key: str) -> None:
    """Every device with its state, and how many of its channels are cameras."""
    from madang.systems.cameras.models import OnvifDevice

    found = OnvifDevice.objects.filter(city=_city(key)).order_by("name", "address")
    if not found:
        click.echo(
            f"No device of {key} is known: madang cameras recorders add ADDRESS --city {key}"
        )
    for one in found:
        here = one.channels.filter(gone=None)
        taken = here.exclude(camera=None).count()
        contact = f"{one.contact:%Y-%m-%d %H:%M} UTC" if one.contact else "never"
        click.echo(
            f"{one.address}  {one.state}  {here.count()} channels, {taken} taken  {contact}  {one}"
        )
        if one.error:
            click.echo(f"    {one.error}")


@recorders.command("add")
@click.argument("address")
@click.option("--city", "key", required=True, help="the city's key")
@click.option("--user", default="", help="user at the device")
@click.option("--name", default="", help="what people here call it")
@click.option("--take", is_flag=True, help="make cameras of channels that tell which one they are")
@click.password_option("--password", confirmation_prompt=False, help="asked for where left out")
def add_recorder(address: str, key: str, user: str, name: str, take: bool, password: str) -> None:
    """Add the device at ADDRESS (a host is enough) and ask it for its channels."""
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.errors import CameraError
    from madang.systems.cameras.recorders import devices, taking

    actor = Actor(name="command")
    try:
        made = devices.add_device(_city(key), actor, address, user, password, name)
        asked = devices.ask_device(made, actor)
        if asked is not None and take and not asked.error:
            taking.take_over(asked, actor, taking.suggestions(asked))
    except CameraError as error:
        raise click.ClickException(str(error)) from error
    _show(asked)


@recorders.command("ask")
@click.argument("address")
@click.option("--city", "key", required=True, help="the city's key")
def ask_recorder(address: str, key: str) -> None:
    """Ask a device that is known already anew."""
    from madang.systems.cameras.errors import CameraError
    from madang.systems.cameras.models import OnvifDevice
    from madang.systems.cameras.recorders import devices

    try:
        address = devices.whole_address(address)
    except CameraError as error:
        raise click.ClickException(str(error)) from error
    found = OnvifDevice.objects.filter(city=_city(key), address=address).first()
    if found is None:
        raise click.ClickException(f"No device at {address} is known: madang cameras recorders add")
    _show(devices.ask_device(found))


@recorders.command("find")
@click.option("--interface", default="", help="an address of this machine; left out: every one")
@click.option("--seconds", default=3.0, type=click.FloatRange(0.5, 30.0))
def find_recorders(interface: str, seconds: float) -> None:
    """Devices that answer a WS-Discovery probe on a network of this machine."""
    from madang.systems.cameras.errors import CameraError
    from madang.systems.cameras.onvif.probing import interfaces, probe

    asked = [interface] if interface else [one for one, _name in interfaces()]
    answered = False
    for address in asked:
        try:
            for one in probe(address, seconds):
                answered = True
                click.echo(f"{one.address}  {one.name}  {one.hardware}  {one.endpoint}")
        except CameraError as error:
            click.echo(str(error), err=True)
    if not answered:
        click.echo(f"No device answered within {seconds:g} s on {', '.join(asked)}.")


def _show(device: Any) -> None:
    """What is known of a device now; exit status 1 where it did not answer as it should."""
    if device is None:
        raise click.ClickException("The device was forgotten meanwhile.")
    if device.error:
        raise click.ClickException(f"{device.address}: {device.error}")
    click.echo(f"{device}  {device.serial}  {device.address}")
    for one in device.channels.select_related("camera").order_by("number"):
        codec = f"{one.codec or '?'} {one.width or '?'}x{one.height or '?'}"
        gone = "  named no more" if one.gone else ""
        turns = "  turns" if one.turns else ""
        click.echo(f"  {one.number:4} {one}  {codec}{turns}  {one.camera or '–'}{gone}")


def _city(key: str) -> Any:
    from madang.ground.city.models import City

    found = City.objects.filter(key=key).first()
    if found is None:
        raise click.ClickException(f"There is no city {key}: see madang city list")
    return found
