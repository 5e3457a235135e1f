"""Making a city and keeping its extent."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg import sql
from pyproj.exceptions import CRSError

from madang.ground.city import projection
from madang.ground.city.models import City, District, Place, RoadLink, RoadNode, Shape
from madang.ground.trail.public import Act, Actor, record

EXTENT_TABLES = (RoadLink, Shape)
POINT_TABLES = (Place, RoadNode)


@transaction.atomic
def make_city(
    key: str,
    names: dict[str, str],
    actor: Actor,
    *,
    crs: str = "EPSG:5186",
    time_zone: str = "Asia/Seoul",
    simulated: bool = False,
) -> City:
    """A new city without rows.

    ValidationError where its key cannot be an address, its crs does not measure in metres or its time
    zone does not exist.
    """
    _check_metric(crs)
    _check_zone(time_zone)
    city = City(key=key, names=names, crs=crs, time_zone=time_zone, simulated=simulated)
    city.full_clean(validate_constraints=True)
    city.save()
    record(actor, Act("city.made", city=city.id, thing=("city", key)))
    return city


def _check_metric(name: str) -> None:
    try:
        found = projection.crs(name)
    except CRSError:
        raise ValidationError(_("There is no coordinate system %s.") % name) from None
    units = {axis.unit_name for axis in found.axis_info[:2]}
    if not found.is_projected or units != {"metre"}:
        raise ValidationError(
            _("%s does not measure in metres; take a projected one, such as EPSG:5186.") % name
        )


def _check_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone %s; one is Asia/Seoul, for example.") % name)


def refresh_extent(city: City) -> None:
    """Set the city's box to that of its districts, or where it has none, of all it holds."""
    box = _box([(District, "outline")], city) or _box(
        [(m, "outline") for m in EXTENT_TABLES] + [(m, "point") for m in POINT_TABLES], city
    )
    city.west, city.south, city.east, city.north = box or (None, None, None, None)
    city.save(update_fields=["west", "south", "east", "north"])


def _box(tables: list[tuple[Any, str]], city: City) -> tuple[float, ...] | None:
    columns = {"outline": ("west", "south", "east", "north"), "point": ("lon", "lat", "lon", "lat")}
    parts = [
        sql.SQL("SELECT {}, {}, {}, {} FROM {} WHERE city_id = %s").format(
            *map(sql.Identifier, columns[shape]), sql.Identifier(model._meta.db_table)
        )
        for model, shape in tables
    ]
    query = sql.SQL(
        "SELECT min(west), min(south), max(east), max(north) FROM ({}) b (west, south, east, north)"
    ).format(sql.SQL(" UNION ALL ").join(parts))
    with connection.cursor() as cursor:
        cursor.execute(query, [city.id] * len(tables))
        box: tuple[Any, ...] = cursor.fetchone()
    return None if box[0] is None else box


@transaction.atomic
def change_city(city: City, names: dict[str, str], time_zone: str, actor: Actor) -> None:
    """New names and time zone; the trail keeps the old ones."""
    before = {"names": city.names, "time_zone": city.time_zone}
    city.names, city.time_zone = names, time_zone
    city.save(update_fields=["names", "time_zone"])
    after = {"names": names, "time_zone": time_zone}
    detail = {"before": before, "after": after}
    record(actor, Act("city.settings_changed", city.id, ("city", city.key), detail=detail))
