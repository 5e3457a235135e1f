"""From readings and health to alarms, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import DatabaseError

from madang.ground.cases.domain.thresholds import adopt_defaults
from madang.ground.cases.models import Alarm, AlarmState
from madang.ground.city.models import City
from madang.ground.desk import level_desk
from madang.ground.desk.level_desk import LevelDesk
from madang.ground.desk.silence import MANY
from madang.ground.desk.silence_desk import SilenceDesk
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.sensing.messages import Readings
from madang.ground.sensing.models import Channel, Device, Health
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
SETUP = Actor(name="setup")


@pytest.fixture
def city(db: None) -> City:
    city = City.objects.create(key="demo", names={"ko": "마당시"}, simulated=True)
    water = ChannelSpec("water_depth", {"ko": "침수심"}, "cm", method="초음파", uncertainty=0.5)
    declare_kind(city, KindSpec("underpass_gauge", {"ko": "지하차도 수위계"}, [water]))
    declare_kind(city, KindSpec("bus", {"ko": "버스"}, silence_after=timedelta(minutes=2)))
    gauge = DeviceSpec(
        "G-1",
        "underpass_gauge",
        "장안지하차도 수위계",
        127.0,
        37.29,
        "장안지하차도",
        simulated=True,
    )
    register_devices(city, [gauge], SETUP)
    adopt_defaults(SETUP, city.pk, NOON - timedelta(days=1))
    return city


def readings(city: City, *values: float, first: datetime = NOON) -> Readings:
    """Readings of the gauge's water depth in cm, a second apart."""
    count = len(values)
    gauge = Device.objects.get(city=city, key="G-1").number
    channel = Channel.objects.get(kind__city=city, key="water_depth").number
    start = round(first.timestamp() * 1000)
    return Readings(
        city=city.key,
        source="test",
        device=np.full(count, gauge, dtype=np.int32),
        channel=np.full(count, channel, dtype=np.int32),
        time=np.arange(start, start + 1000 * count, 1000, dtype=np.int64),
        value=np.array(values),
        simulated=np.ones(count, dtype=np.uint8),
    )


def desk() -> LevelDesk:
    made = LevelDesk()
    made.remember()
    made.refresh()
    return made


def test_water_in_an_underpass_raises_an_alarm_with_all_that_is_known(city: City) -> None:
    desk().hear(readings(city, 3.0, 14.9, 15.5))
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.subject, alarm.place) == (
        "underpass_flooded",
        "장안지하차도 수위계",
        "장안지하차도",
    )
    assert alarm.happened == NOON + timedelta(seconds=2)
    assert alarm.simulated
    assert alarm.x is not None
    assert alarm.measure is not None
    assert alarm.measure["value"] == 15.5
    assert (alarm.measure["unit"], alarm.measure["threshold"]) == ("cm", 15.0)
    assert (alarm.measure["provenance"], alarm.measure["method"]) == ("simulated", "초음파")
    assert [link.thing_kind for link in alarm.links.all()] == ["device"]


def test_a_desk_that_begins_anew_knows_what_is_raised(city: City) -> None:
    desk().hear(readings(city, 16.0))
    later = desk()
    later.hear(readings(city, 17.0, first=NOON + timedelta(minutes=1)))
    assert Alarm.objects.get().repeats == 0
    later.hear(readings(city, 2.0, first=NOON + timedelta(minutes=2)))
    assert Alarm.objects.get().cleared == NOON + timedelta(minutes=2)


def test_what_could_not_be_stored_is_judged_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = desk()

    def fail(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as trouble:
        trouble.setattr(level_desk, "raise_alarm", fail)
        with pytest.raises(DatabaseError):
            judged.hear(readings(city, 16.0))
    judged.hear(readings(city, 16.0))
    assert Alarm.objects.count() == 1


def test_readings_of_channels_without_a_threshold_and_no_numbers_are_passed_over(
    city: City,
) -> None:
    desk().hear(readings(city, float("nan"), float("inf")))
    empty = readings(city)
    desk().hear(empty)
    assert not Alarm.objects.exists()


def test_a_bus_that_falls_silent_and_speaks_again(city: City) -> None:
    buses(city, 3)
    hear(city, 2, NOON - timedelta(minutes=5))
    hear(city, 0, NOON)
    SilenceDesk().look(city, NOON)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.subject) == ("device_silent", "버스 2")
    assert alarm.happened == NOON - timedelta(minutes=5)
    SilenceDesk().look(city, NOON + timedelta(seconds=10))
    hear(city, 2, NOON + timedelta(seconds=15))
    SilenceDesk().look(city, NOON + timedelta(seconds=20))
    alarm.refresh_from_db()
    assert (alarm.state, alarm.repeats) == (AlarmState.CLOSED, 0)


def test_a_network_that_fails_is_one_alarm(city: City) -> None:
    buses(city, MANY + 5)
    for number in range(MANY):
        hear(city, number, NOON - timedelta(minutes=5))
    SilenceDesk().look(city, NOON)
    alarm = Alarm.objects.get()
    assert alarm.kind == "devices_silent"
    assert str(MANY) in alarm.subject
    for number in range(MANY + 5):
        hear(city, number, NOON)
    SilenceDesk().look(city, NOON)
    assert Alarm.objects.get().state == AlarmState.CLOSED


def test_a_city_that_is_not_heard_is_one_alarm(city: City) -> None:
    buses(city, MANY + 5)
    later = NOON + timedelta(minutes=10)
    SilenceDesk().look(city, later)
    assert [alarm.kind for alarm in Alarm.objects.all()] == ["city_silent"]
    for number in range(MANY + 5):
        hear(city, number, later)
    SilenceDesk().look(city, later)
    assert Alarm.objects.get().state == AlarmState.CLOSED


def buses(city: City, count: int) -> None:
    specs = [DeviceSpec(f"B-{number}", "bus", f"버스 {number}") for number in range(count)]
    register_devices(city, specs, SETUP)
    for number in range(count):
        hear(city, number, NOON)


def hear(city: City, number: int, when: datetime) -> None:
    device = Device.objects.get(city=city, key=f"B-{number}")
    Health.objects.update_or_create(device=device, defaults={"heard": when, "spoke": when})
