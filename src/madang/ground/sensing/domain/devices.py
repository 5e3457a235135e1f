"""Registering devices, giving them credentials, and taking them out of service."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.city.projection import to_metres
from madang.ground.sensing.models import Device, DeviceKind
from madang.ground.sensing.wire import DEVICE_KEY
from madang.ground.trail.public import Act, Actor, record

CREDENTIAL_BYTES = 32


class DeviceError(ValueError):
    """A device that cannot be registered or changed so; the message says why and what to do."""


@dataclass(frozen=True)
class DeviceSpec:
    """A device as it is registered; lon and lat in degrees (WGS 84) where it stands, if it does."""

    key: str
    kind: str
    name: str
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    organisation: str = ""
    external_key: str = ""
    simulated: bool = False
    gateway: str = ""


@transaction.atomic
def register_devices(city: City, specs: Sequence[DeviceSpec], actor: Actor) -> dict[str, Device]:
    """Register devices in city, or change those whose key is there already; by key.

    All of them or none: DeviceError names the first that cannot be. Gives no credentials.
    """
    kinds = {kind.key: kind for kind in DeviceKind.objects.filter(city=city)}
    xs, ys = _metres(city, specs)
    rows = [_row(city, kinds, spec, x, y) for spec, x, y in zip(specs, xs, ys, strict=True)]
    Device.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["city", "key"],
        update_fields=[*CHANGED_BY_REGISTERING, "changed"],
    )
    keys = [spec.key for spec in specs]
    devices = {device.key: device for device in Device.objects.filter(city=city, key__in=keys)}
    _set_gateways(city, specs, devices)
    record(actor, Act("sensing.devices_registered", city=city.pk, detail={"devices": len(specs)}))
    return devices


CHANGED_BY_REGISTERING = (
    "kind",
    "name",
    "lon",
    "lat",
    "x",
    "y",
    "place",
    "organisation",
    "external_key",
    "simulated",
)


@transaction.atomic
def renew_credential(device: Device, actor: Actor) -> str:
    """A new credential for device, told this once; the one before ends, with its connection."""
    if device.withdrawn is not None:
        raise DeviceError(
            _("%s is out of service. Return it to service first.") % (device.name or device.key)
        )
    credential = secrets.token_urlsafe(CREDENTIAL_BYTES)
    device.credential_hash = credential_hash(credential)
    device.credential_since = timezone.now()
    device.save(update_fields=["credential_hash", "credential_since", "changed"])
    record(actor, _act("sensing.credential_renewed", device))
    return credential


@transaction.atomic
def set_credentials(devices: Iterable[tuple[Device, str]], actor: Actor, city: City) -> None:
    """Give many devices credentials that are known already, as when a fleet moves in with its own."""
    now = timezone.now()
    rows = []
    for device, credential in devices:
        if len(credential) < 16:
            raise DeviceError(f"The credential of {device.key} is shorter than 16 letters.")
        device.credential_hash, device.credential_since = credential_hash(credential), now
        device.changed = now
        rows.append(device)
    Device.objects.bulk_update(
        rows, ["credential_hash", "credential_since", "changed"], batch_size=1000
    )
    record(actor, Act("sensing.credentials_set", city=city.pk, detail={"devices": len(rows)}))


@transaction.atomic
def withdraw(device: Device, reason: str, actor: Actor) -> None:
    """Take device out of service: its credential ends, its record stays."""
    device.withdrawn = timezone.now()
    device.credential_hash = device.credential_since = None
    device.save(update_fields=["withdrawn", "credential_hash", "credential_since", "changed"])
    record(actor, _act("sensing.device_withdrawn", device, reason))


@transaction.atomic
def return_to_service(device: Device, actor: Actor) -> None:
    """Let a withdrawn device be used again; it needs a new credential."""
    device.withdrawn = None
    device.save(update_fields=["withdrawn", "changed"])
    record(actor, _act("sensing.device_returned", device))


def credential_hash(credential: str) -> bytes:
    """What is kept of a credential. It is random and long, so that one round of SHA-256 is enough."""
    return hashlib.sha256(credential.encode()).digest()


def bearer(city: str, key: str, kind: str, credential: str) -> Device | None:
    """The device of this kind in service whose credential this is; None where there is none."""
    row = Device.objects.filter(
        city__key=city, key=key, kind__key=kind, withdrawn=None, credential_hash__isnull=False
    ).first()
    if row is None or not hmac.compare_digest(
        bytes(row.credential_hash or b""), credential_hash(credential)
    ):
        return None
    return row


def _act(action: str, device: Device, reason: str = "") -> Act:
    return Act(action, city=device.city_id, thing=("device", str(device.pk)), reason=reason)


def _metres(
    city: City, specs: Sequence[DeviceSpec]
) -> tuple[list[float | None], list[float | None]]:
    lon = np.array([np.nan if spec.lon is None else spec.lon for spec in specs])
    lat = np.array([np.nan if spec.lat is None else spec.lat for spec in specs])
    x, y = to_metres(lon, lat, city.crs)
    return (
        [value if np.isfinite(value) else None for value in x.tolist()],
        [value if np.isfinite(value) else None for value in y.tolist()],
    )


def _row(
    city: City,
    kinds: dict[str, DeviceKind],
    spec: DeviceSpec,
    x: float | None,
    y: float | None,
) -> Device:
    if not DEVICE_KEY.fullmatch(spec.key):
        raise DeviceError(
            f"'{spec.key}' cannot be a device's key: 1 to 64 letters, digits, '_' and '-'."
        )
    if spec.kind not in kinds:
        raise DeviceError(f"Device {spec.key}: the city has no kind of device '{spec.kind}'.")
    if (x is None or y is None) != (spec.lon is None and spec.lat is None):
        raise DeviceError(f"Device {spec.key}: {spec.lon}, {spec.lat} is not a place on the earth.")
    return Device(
        city=city,
        key=spec.key,
        kind=kinds[spec.kind],
        name=spec.name,
        lon=spec.lon,
        lat=spec.lat,
        x=x,
        y=y,
        place=spec.place,
        organisation=spec.organisation,
        external_key=spec.external_key,
        simulated=spec.simulated,
        changed=timezone.now(),
    )


def _set_gateways(city: City, specs: Sequence[DeviceSpec], devices: dict[str, Device]) -> None:
    wanted = {spec.gateway for spec in specs if spec.gateway}
    gateways = {one.key: one for one in Device.objects.filter(city=city, key__in=wanted)}
    if missing := wanted - set(gateways):
        raise DeviceError(f"There is no gateway '{min(missing)}' in the city.")
    changed: list[Device] = []
    for spec in specs:
        gateway = gateways.get(spec.gateway)
        device = devices[spec.key]
        if device.gateway_id != (gateway.pk if gateway else None):
            device.gateway = gateway
            changed.append(device)
    Device.objects.bulk_update(changed, ["gateway"], batch_size=1000)
