"""Fixed things as the console draws them: of each its id, place and what its sign says, and no more.

The exports of the city's layers carry every column of every row; sixteen thousand cameras are drawn from
a tenth of that.
"""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
from django.db import connection
from psycopg import sql

from madang.ground.city.layers import Layer
from madang.ground.city.models import City

DIGITS = 6  # of a degree: a tenth of a metre


ADDRESSES = ("name", "address", "road_address")  # columns of tables that tiles do without
MIDDLE = "(west + east) / 2, (south + north) / 2"


def layer_points(layer: Layer, city: City) -> bytes:
    """A point for each row of a layer as GeoJSON, gzipped; of an outline, the middle of its box.

    Of what stands somewhere the columns of tiles and the address; of outlines all but the details.
    """
    outlined = layer.drawn == "outline"
    wanted = [
        (name, words)
        for name, words in layer.properties
        if name in (*layer.tiled, *ADDRESSES) or (outlined and name != "details")
    ]
    columns = [sql.SQL("{}").format(sql.SQL(words)) for _, words in wanted]
    narrowed = [sql.SQL("{} = ANY(%s)").format(sql.Identifier(name)) for name in layer.equal]
    query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
        sql.SQL(", ").join(
            [sql.SQL("id::text"), sql.SQL(MIDDLE if outlined else "lon, lat"), *columns]
        ),
        sql.Identifier(layer.model._meta.db_table),
        sql.SQL(" AND ").join([sql.SQL("city_id = %s"), *narrowed]),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [city.pk, *layer.equal.values()])
        rows = cursor.fetchall()
    names = ["id", *(name for name, _ in wanted)]
    return collection(
        (lon, lat, dict(zip(names, (pk, *said), strict=True))) for pk, lon, lat, *said in rows
    )


def collection(things: Any) -> bytes:
    """lon, lat and properties of things as one gzipped GeoJSON collection; empty properties left out."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(lon, DIGITS), round(lat, DIGITS)]},
            "properties": {name: value for name, value in said.items() if value not in ("", None)},
        }
        for lon, lat, said in things
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return gzip.compress(msgspec.json.encode(whole), 4, mtime=0)
