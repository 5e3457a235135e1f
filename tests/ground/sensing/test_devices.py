from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.city.models import City
from madang.ground.sensing.domain.devices import (
    DeviceError,
    DeviceSpec,
    register_devices,
    renew_credential,
    return_to_service,
    set_credentials,
    withdraw,
)
from madang.ground.sensing.domain.kinds import BEGINNING, ChannelSpec, KindSpec, declare_kind
from madang.ground.sensing.models import Channel, Device, DeviceKind, KindLimits
from madang.ground.sensing.wire import DEVICE_KEY
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

BUS = KindSpec("bus", {"ko": "버스"}, max_speed=30)
ME = Actor(name="test")


@pytest.fixture
def city(db: None) -> City:
    return City.objects.create(key="yard", names={"ko": "마당시"})


@pytest.fixture
def bus(city: City) -> DeviceKind:
    return declare_kind(city, BUS)


def one(city: City, key: str = "bus-1", **more: object) -> Device:
    return register_devices(city, [DeviceSpec(key, "bus", "1번", **more)], ME)[key]  # type: ignore[arg-type]


def test_a_device_gets_a_number_and_keeps_it(city: City, bus: DeviceKind) -> None:
    first = one(city)
    again = one(city, organisation="수원여객")
    assert (again.pk, again.number) == (first.pk, first.number)
    assert Device.objects.get(key="bus-1").organisation == "수원여객"


def test_a_place_is_kept_in_degrees_and_metres(city: City, bus: DeviceKind) -> None:
    device = one(city, lon=127.0286, lat=37.2636)
    assert device.x == pytest.approx(202536, abs=500)
    assert device.y == pytest.approx(518259, abs=500)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (DeviceSpec("bus/1", "bus", "x"), "cannot be a device's key"),
        (DeviceSpec("bus-1", "tram", "x"), "no kind of device 'tram'"),
        (DeviceSpec("bus-1", "bus", "x", lon=127.0), "not a place"),
        (DeviceSpec("bus-1", "bus", "x", gateway="nobody"), "no gateway 'nobody'"),
    ],
)
def test_a_device_that_cannot_be_is_refused_with_all_the_others(
    city: City, bus: DeviceKind, spec: DeviceSpec, says: str
) -> None:
    with pytest.raises(DeviceError, match=says):
        register_devices(city, [DeviceSpec("good", "bus", "good"), spec], ME)
    assert not Device.objects.exists()


def test_a_credential_is_told_once_and_kept_as_a_hash(city: City, bus: DeviceKind) -> None:
    device = one(city)
    credential = renew_credential(device, ME)
    stored = bytes(Device.objects.get().credential_hash or b"")
    assert stored == hashlib.sha256(credential.encode()).digest()
    assert renew_credential(device, ME) != credential
    assert Entry.objects.filter(action="sensing.credential_renewed").count() == 2


def test_a_withdrawn_device_has_no_credential_until_it_returns(city: City, bus: DeviceKind) -> None:
    device = one(city)
    renew_credential(device, ME)
    withdraw(device, "stolen", ME)
    assert Device.objects.get().credential_hash is None
    with translation.override("en"), pytest.raises(DeviceError, match="Return it to service"):
        renew_credential(device, ME)
    return_to_service(device, ME)
    assert renew_credential(device, ME)


def test_short_credentials_are_refused(city: City, bus: DeviceKind) -> None:
    with pytest.raises(DeviceError, match="shorter than 16"):
        set_credentials([(one(city), "secret")], ME, city)


def test_the_database_keeps_a_device_in_the_city_of_its_kind(city: City, bus: DeviceKind) -> None:
    other = City.objects.create(key="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        Device.objects.create(city=other, kind=bus, key="x", name="x")


def test_the_database_keeps_a_gateway_in_the_city(city: City, bus: DeviceKind) -> None:
    other = City.objects.create(key="other")
    gateway = one(city)
    kind = declare_kind(other, BUS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Device.objects.create(city=other, kind=kind, key="x", name="x", gateway=gateway)


def test_limits_are_dated_and_a_declaration_made_again_changes_nothing(city: City) -> None:
    spec = KindSpec(
        "gauge", {"ko": "수위계"}, [ChannelSpec("water_level", {"ko": "수위"}, "m", 0, 5)]
    )
    declare_kind(city, spec)
    numbers = set(Channel.objects.values_list("number", flat=True))
    declare_kind(city, spec)
    assert set(Channel.objects.values_list("number", flat=True)) == numbers
    assert set(Channel.objects.values_list("key", flat=True)) == {"water_level", "battery"}
    later = KindSpec(
        "gauge", {"ko": "수위계"}, since=BEGINNING + timedelta(days=9999), max_speed=None
    )
    declare_kind(city, later)
    assert KindLimits.objects.count() == 2


@given(st.text(max_size=70))
def test_every_key_that_may_be_is_one_level_of_a_topic(key: str) -> None:
    if DEVICE_KEY.fullmatch(key):
        assert not set(key) & set("/+#. *>$")
        assert key.isascii()
