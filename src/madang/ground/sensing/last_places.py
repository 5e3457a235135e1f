"""Where every device was last, by the record: for who begins after they spoke."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from django.db import connection

from madang.ground.sensing.messages import Positions

LAST_PLACES = """
SELECT city.key, device.number, (extract(epoch FROM p.time) * 1000)::bigint, p.lon, p.lat, p.x, p.y,
       p.speed, p.heading, device.simulated
FROM sensing_device device
JOIN city_city city ON city.id = device.city_id
CROSS JOIN LATERAL (
    SELECT time, lon, lat, x, y, speed, heading FROM sensing_position
    WHERE device = device.number AND time >= %(since)s AND time <= %(until)s
    ORDER BY time DESC LIMIT 1) p
ORDER BY city.key
"""


def last_places(since: datetime, until: datetime) -> list[Positions]:
    """Where each device was last between two moments, by the record: a batch a city, as the log has it."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_PLACES, {"since": since, "until": until})
        rows = cursor.fetchall()
    return [
        _batch(city, list(zip(*places, strict=True)))
        for city, places in groupby(rows, key=itemgetter(0))
    ]


def _batch(city: str, columns: list[tuple[Any, ...]]) -> Positions:
    _, device, time, lon, lat, x, y, speed, heading, simulated = columns
    return Positions(
        city=city,
        source="record",
        device=np.array(device, dtype=np.int32),
        time=np.array(time, dtype=np.int64),
        lon=np.array(lon),
        lat=np.array(lat),
        x=np.array(x),
        y=np.array(y),
        speed=np.array(speed, dtype=np.float32),
        heading=np.array(heading, dtype=np.float32),
        accuracy=np.full(len(device), np.nan, dtype=np.float32),
        simulated=np.array(simulated, dtype=np.uint8),
    )
