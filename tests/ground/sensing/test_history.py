from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from madang.ground.city.models import City
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.sensing.domain.history import HistoryError, HistoryWritten, write_history
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.sensing.models import Device
from madang.ground.trail.public import Actor

ME = Actor(name="test")
HOUR = timedelta(hours=1)
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def station(db: None) -> Device:
    city = City.objects.create(key="yard", names={"ko": "마당시"})
    channels = [ChannelSpec("temperature", {"ko": "기온"}, "Cel", -40, 50)]
    declare_kind(city, KindSpec("station", {"ko": "기상 관측소"}, channels))
    return register_devices(city, [DeviceSpec("s-0", "station", "0")], ME)["s-0"]


def hourly() -> list[tuple[datetime, float]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT hour, value FROM sensing_hourly ORDER BY hour")
        return list(cursor.fetchall())


def test_history_is_written_once_and_corrected(station: Device) -> None:
    values = [(BEGIN + n * HOUR, float(n)) for n in range(48)]
    assert write_history(station, "temperature", values) == HistoryWritten(added=48)
    assert write_history(station, "temperature", values) == HistoryWritten(same=48)
    values[3] = (values[3][0], -5.0)
    assert write_history(station, "temperature", values) == HistoryWritten(changed=1, same=47)
    assert hourly() == values


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([(datetime(2020, 1, 1), 1.0)], "zone"),
        ([(datetime(2020, 1, 1, 0, 30, tzinfo=UTC), 1.0)], "whole hour"),
        ([(BEGIN, 1.0)] * 2, "twice"),
        ([(BEGIN, float("nan"))], "no number"),
    ],
)
def test_history_that_cannot_be_is_refused_whole(
    station: Device, values: list[tuple[datetime, float]], says: str
) -> None:
    good = (datetime(2019, 1, 1, tzinfo=UTC), 1.0)
    with pytest.raises(HistoryError, match=says):
        write_history(station, "temperature", [good, *values])
    with pytest.raises(HistoryError, match="no channel 'depth'"):
        write_history(station, "depth", [good])
    assert hourly() == []
