from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.sensing import queries
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices, withdraw
from madang.ground.sensing.domain.history import write_history
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.sensing.models import Channel, Device, Health
from madang.ground.trail.public import Actor

ME = Actor(name="test")
HOUR = timedelta(hours=1)


@pytest.fixture
def city(db: None) -> City:
    city = City.objects.create(key="yard", names={"ko": "마당시"})
    other = City.objects.create(key="other")
    channels = [ChannelSpec("temperature", {"ko": "기온"}, "Cel", -40, 50)]
    for one in (city, other):
        declare_kind(one, KindSpec("station", {"ko": "기상 관측소"}, channels, silence_after=HOUR))
        declare_kind(one, KindSpec("bus", {"ko": "버스"}, max_speed=30))
        register_devices(one, [DeviceSpec(f"s-{n}", "station", f"{n}") for n in range(5)], ME)
    return city


def device(city: City, key: str = "s-0") -> Device:
    return Device.objects.select_related("kind").get(city=city, key=key)


def hear(device: Device, ago: timedelta, battery: float | None = None) -> None:
    then = timezone.now() - ago
    Health.objects.create(device=device, heard=then, spoke=then, battery=battery, facts=1)


def test_the_state_of_a_device_is_told_by_its_kinds_limits(city: City) -> None:
    hear(device(city, "s-0"), timedelta(minutes=5))
    hear(device(city, "s-1"), timedelta(minutes=61))
    hear(device(city, "s-2"), timedelta(minutes=5), battery=0.1)
    hear(device(city, "s-3"), timedelta(minutes=5))
    withdraw(device(city, "s-3"), "broken", ME)
    found = dict(queries.devices(city.pk).values_list("key", "state"))
    assert found == {
        "s-0": "ok",
        "s-1": "silent",
        "s-2": "low_battery",
        "s-3": "withdrawn",
        "s-4": "unheard",
    }
    assert queries.state_counts(city.pk) == dict.fromkeys(queries.STATES, 1)
    stations, buses = queries.health_by_kind(city.pk)
    assert (stations.kind.key, stations.total, stations.silence_after) == ("station", 5, HOUR)
    assert (buses.kind.key, buses.total) == ("bus", 0)


def test_a_series_of_history_is_summed_up(city: City) -> None:
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    station = device(city)
    write_history(station, "temperature", [(begin + n * HOUR, float(n)) for n in range(48)])
    channel = Channel.objects.get(kind=station.kind, key="temperature")
    points = queries.series(station, channel, begin, begin + 48 * HOUR, points=2)
    assert [point.facts for point in points] == [24, 24]
    assert (points[0].low, points[0].high) == (0.0, 23.0)
    assert points[1].value == pytest.approx(sum(range(24, 48)) / 24)


def test_readings_stand_before_their_hourly_sums_and_gaps_stay_gaps(city: City) -> None:
    station = device(city)
    channel = Channel.objects.get(kind=station.kind, key="temperature")
    since = timezone.now().replace(minute=0, second=0, microsecond=0) - 4 * HOUR
    write_history(station, "temperature", [(since, 1.0), (since + HOUR, 99.0)])
    with connection.cursor() as cursor:
        days = [since.date(), (since + 4 * HOUR).date()]
        cursor.execute("SELECT sensing_make_days(%s, %s)", days)
        for minute, value in ((60, 2.0), (90, 4.0), (180, 6.0)):
            cursor.execute(
                "INSERT INTO sensing_reading VALUES (%s, %s, %s, %s)",
                [station.number, channel.number, since + timedelta(minutes=minute), value],
            )
    points = queries.series(station, channel, since, since + 4 * HOUR, points=4)
    assert [(point.time, point.value, point.low, point.high) for point in points] == [
        (since, 1.0, 1.0, 1.0),
        (since + HOUR, 3.0, 2.0, 4.0),
        (since + 3 * HOUR, 6.0, 6.0, 6.0),
    ]
    assert queries.latest(station)[channel.number] == (since + 3 * HOUR, 6.0)
    temperature = {channel.key: measure for channel, measure in queries.measures(station)}
    assert temperature["temperature"].value == 6.0
    assert temperature["temperature"].unit == "Cel"
    assert temperature["battery"].value is None
    assert temperature["battery"].provenance == "unknown"


@pytest.mark.parametrize("days", [0.001, 1, 7, 30, 365, 3650])
def test_a_series_never_has_more_points_than_asked_for(days: float) -> None:
    span = timedelta(days=days)
    assert span / queries.step_for(span, 500) <= 500
