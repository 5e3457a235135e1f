"""Where devices were last, by the record: what a new process shows of those who are silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from madang.ground.city.models import City
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
from madang.ground.sensing.models import Device
from madang.ground.sensing.public import last_places
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)  # five minutes into a day: the record is cut by day


@pytest.fixture
def numbers() -> dict[str, int]:
    """Two buses and a taxi in one city, a bus in another."""
    for key, devices in (("east", ("bus-1", "bus-2", "taxi-1")), ("west", ("bus-9",))):
        city = City.objects.create(key=key, west=126.9, south=37.2, east=127.1, north=37.3)
        declare_kind(city, KindSpec("bus", {"ko": "버스"}))
        register_devices(city, [DeviceSpec(one, "bus", one) for one in devices], Actor(name="test"))
    return dict(Device.objects.values_list("key", "number"))


def test_the_last_place_of_each_device_within_the_span_a_batch_a_city(
    numbers: dict[str, int],
) -> None:
    ages = {"bus-1": (400, 600), "bus-2": (1000,), "taxi-1": (10,), "bus-9": (1,)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sensing_make_days(%s, %s)", [NOW.date() - timedelta(1), NOW.date()])
        for key, seconds in ages.items():
            for age in seconds:
                fact = [numbers[key], NOW - timedelta(seconds=age), 127, 37.25, age, 5, None, 90]
                cursor.execute(
                    """INSERT INTO sensing_position (device, time, lon, lat, x, y, speed, heading)
                       VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
                    fact,
                )
    east, west = last_places(NOW - timedelta(seconds=900), NOW)
    assert (east.city, west.city) == ("east", "west")
    seen = dict(zip(east.device.tolist(), east.x.tolist(), strict=True))
    assert seen == {numbers["bus-1"]: 400, numbers["taxi-1"]: 10}  # bus-2 was silent for too long
    assert west.time.tolist() == [int((NOW - timedelta(seconds=1)).timestamp() * 1000)]
    assert np.isnan(east.speed).all()  # what was not said is unknown


def test_without_a_record_there_is_none(numbers: dict[str, int]) -> None:
    assert last_places(NOW - timedelta(seconds=900), NOW) == []
