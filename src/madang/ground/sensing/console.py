"""Devices on the console: where they stand, what they measure, how long they have been silent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.ground.city.models import City
from madang.ground.city.queries import near
from madang.ground.measure import Measure
from madang.ground.sensing.domain.kinds import BATTERY
from madang.ground.sensing.models import Channel, Device, DeviceKind, Health
from madang.ground.web.console import (
    Asking,
    Colour,
    Column,
    Fact,
    Features,
    Hit,
    Inspector,
    Layer,
    Look,
    Nearby,
    SearchProvider,
    Section,
    Shape,
    Thing,
    register,
)
from madang.ground.web.search import Words

RIGHT = "live.devices"
FRESH = timedelta(hours=2)
COLOURS: tuple[Colour, ...] = ("cyan", "teal", "violet", "lime", "pink", "sand", "blue", "green")
SHAPES: tuple[Shape, ...] = ("circle", "drop", "square", "diamond", "hexagon", "triangle", "shield")
ICONS = {
    "weather_station": "cloud-rain",
    "air_quality_station": "wind",
    "stream_gauge": "waves",
    "underpass_gauge": "droplets",
    "bell": "bell-ring",
    "ambulance": "ambulance",
    "fire_engine": "flame",
    "command_car": "radio",
    "patrol_car": "siren",
    "bus": "bus",
    "taxi": "car",
    "service_vehicle": "truck",
    "vehicle_detector": "gauge",
}
MEASURING = Q(
    pk__in=Channel.objects.exclude(key=BATTERY.key).values(
        "kind"
    )  # its own battery is not the city's
)
NEWEST = """
SELECT DISTINCT ON (device, channel) device, channel, time, value FROM (
    SELECT device, channel, time, value FROM sensing_reading
    WHERE device = ANY(%(devices)s) AND time > %(since)s
    UNION ALL
    SELECT device, channel, time, count FROM sensing_count
    WHERE device = ANY(%(devices)s) AND time > %(since)s) said
ORDER BY device, channel, time DESC
"""
_drawn_elsewhere: set[str] = set()


def drawn_elsewhere(*channels: str) -> None:
    """Kinds of devices with one of these channels have a layer of their own, made by another system."""
    _drawn_elsewhere.update(channels)


def register_all() -> None:
    columns = (
        Column("name", gettext_lazy("Name")),
        Column("key", gettext_lazy("Number")),
        Column("said", gettext_lazy("Last value")),
        Column("heard", gettext_lazy("Last heard")),
    )
    title = gettext_lazy("Devices")
    register(
        Layer(
            "weather",
            gettext_lazy("Weather and water"),
            "environment",
            Features("console/gauges", refresh=10),
            looks_of_gauges,
            by="kind",
            thing="device",
            icon="cloud-rain",
            columns=columns,
            shown=True,
            label="said",
            order=10,
            permission=RIGHT,
        ),
        Layer(
            "devices",
            title,
            "devices",
            Features("console/devices", refresh=30),
            looks_of_others,
            by="kind",
            thing="device",
            icon="radio-tower",
            columns=columns,
            clustered=True,
            permission=RIGHT,
        ),
        Inspector(("device", "moving"), device, RIGHT),
        SearchProvider("devices", title, find, order=18, permission=RIGHT),
        Nearby("devices", title, near_devices, icon="radio-tower", order=20, permission=RIGHT),
    )


def looks_of_gauges(asking: Asking) -> tuple[Look, ...]:
    """A look for each kind of fixed device that measures something."""
    return _looks(asking, MEASURING)


def looks_of_others(asking: Asking) -> tuple[Look, ...]:
    """A look for each kind of fixed device that only says that it is there."""
    return _looks(asking, ~MEASURING)


def _ours() -> QuerySet[DeviceKind]:
    """The kinds of devices that no other system draws."""
    others = Channel.objects.filter(key__in=_drawn_elsewhere).values("kind")
    return DeviceKind.objects.exclude(pk__in=others)


def _looks(asking: Asking, which: Q) -> tuple[Look, ...]:
    kinds = _ours().filter(which, city=asking.city, devices__lon__isnull=False)
    found = tuple(
        Look(
            kind.key,
            kind.name(asking.language),
            COLOURS[at % len(COLOURS)],
            SHAPES[at % len(SHAPES)],
            ICONS.get(kind.key, "radio-tower"),
        )
        for at, kind in enumerate(kinds.distinct().order_by("key"))
    )
    return found or (Look("", _("Device"), "grey", icon="radio-tower"),)


def fixed(city: City, measuring: bool) -> Iterable[tuple[float, float, dict[str, Any]]]:
    """lon, lat and properties of every device that stands somewhere, with its newest value in words."""
    kinds = _ours().filter(MEASURING if measuring else ~MEASURING, city=city)
    standing = Device.objects.filter(city=city, lon__isnull=False, withdrawn__isnull=True)
    devices = list(standing.filter(kind__in=kinds).select_related("kind"))
    heard: dict[Any, datetime] = dict(
        Health.objects.filter(device__in=[one.number for one in devices]).values_list(
            "device_id", "heard"
        )
    )
    said = _newest_words(devices) if measuring else {}
    for one in devices:
        when = heard.get(one.number)
        yield (
            one.lon or 0.0,
            one.lat or 0.0,
            {
                "id": str(one.pk),
                "kind": one.kind.key,
                "name": one.name,
                "key": one.key,
                "said": said.get(one.number, ""),
                "heard": timezone.localtime(when).strftime("%m-%d %H:%M:%S") if when else None,
                "old": when is None or timezone.now() - when > FRESH,
            },
        )


def _newest_words(devices: list[Device]) -> dict[int, str]:
    """The newest value of each device's first channel, with its unit, if it is fresh."""
    first: dict[int, Channel] = {}
    of_kinds = Channel.objects.filter(kind__in={one.kind_id for one in devices})
    for channel in of_kinds.exclude(key=BATTERY.key).order_by("-number"):
        for one in devices:
            if one.kind_id == channel.kind_id:
                first[one.number] = channel
    newest = newest_values([one.number for one in devices], timezone.now() - FRESH)
    return {
        number: f"{value:.1f} {UNITS.get(channel.unit, channel.unit)}"
        for number, channel in first.items()
        for at, value in [newest.get((number, channel.number), (None, None))]
        if value is not None
    }


UNITS = {"Cel": "℃", "ug/m3": "㎍/㎥", "1": ""}


def newest_values(
    devices: list[int], since: datetime
) -> dict[tuple[int, int], tuple[datetime, float]]:
    """(device, channel) → when and what the newest reading was, of those made since then."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, {"devices": devices, "since": since})
        return {(device, channel): (at, value) for device, channel, at, value in cursor.fetchall()}


def find(asking: Asking, words: Words, limit: int) -> Iterable[Hit]:
    rows = Device.objects.filter(city=asking.city, withdrawn__isnull=True).select_related("kind")
    for row in words.among(rows, "name", "key", "external_key").order_by("key")[:limit]:
        yield _hit(row, asking, words.rank(row.name or row.key))


def near_devices(asking: Asking, x: float, y: float, metres: float, limit: int) -> Iterable[Hit]:
    for found in near.nearest(Device, asking.city, x, y, limit):
        if found.metres <= metres:
            yield _hit(found.row, asking, 0, found.metres)


def _hit(row: Device, asking: Asking, rank: float, metres: float | None = None) -> Hit:
    kind = row.kind.name(asking.language)
    icon = ICONS.get(row.kind.key, "radio-tower")
    name = row.name or row.key
    fixed_here = row.lon is not None
    thing = "device" if fixed_here else "moving"
    pk = str(row.pk) if fixed_here else str(row.number)
    return Hit(thing, pk, name, f"{kind} · {row.key}", icon, row.lon, row.lat, rank, metres)


def device(asking: Asking, kind: str, pk: str) -> Thing | None:
    """A device by its id, or by its number on the log where it is drawn as a moving thing."""
    rows = Device.objects.filter(city=asking.city).select_related("kind")
    try:
        row = rows.filter(**({"number": int(pk)} if kind == "moving" else {"pk": pk})).first()
    except ValueError:
        return None
    if row is None:
        return None
    health = Health.objects.filter(device=row).first()
    lon, lat = (row.lon, row.lat) if row.lon is not None else _last_place(health)
    facts = (
        Fact(_("Kind"), row.kind.name(asking.language)),
        Fact(_("Number"), row.key),
        Fact(_("Owner"), row.organisation or None),
        *_place(row),
        *_heard(row, health),
        *_battery(health),
    )
    return Thing(
        kind,
        pk,
        row.name or row.key,
        row.kind.name(asking.language),
        ICONS.get(row.kind.key, "radio-tower"),
        lon,
        lat,
        facts,
        tuple(_readings(row, asking)),
        simulated=row.simulated,
        live=("moving", row.number) if row.lon is None else None,
    )


def _last_place(health: Health | None) -> tuple[float | None, float | None]:
    return (health.lon, health.lat) if health else (None, None)


def _place(row: Device) -> Iterable[Fact]:
    """Where it was put up; what moves has no such place."""
    if row.place:
        yield Fact(_("Place"), row.place)


def _heard(row: Device, health: Health | None) -> Iterable[Fact]:
    """When it was heard; of what moves the live connection tells that better."""
    if row.lon is not None:
        yield Fact(_("Last heard"), health.heard if health else None)


def _battery(health: Health | None) -> Iterable[Fact]:
    if health and health.battery is not None:
        charge = Measure(value=round(100 * health.battery), unit="%", time=health.battery_at)
        yield Fact(_("Battery"), charge)


def _readings(row: Device, asking: Asking) -> Iterable[Section]:
    """A section for each channel but the battery: the newest value, and the last day of it."""
    newest = newest_values([row.number], timezone.now() - timedelta(days=1))
    for channel in row.kind.channels.exclude(key=BATTERY.key).order_by("number"):
        at, value = newest.get((row.number, channel.number), (None, None))
        measure = Measure(
            value=value,
            unit=channel.unit,
            time=at,
            method=channel.method,
            uncertainty=channel.uncertainty,
            provenance="simulated" if row.simulated else "measured",
            source=row.name or row.key,
        )
        name = channel.name(asking.language)
        chart = f"console/series/{row.number}/{channel.number}"
        yield Section(name, (Fact(_("Now"), measure),), chart=chart)
