"""The whole gate: a real NATS with its MQTT listener, real devices, a real database."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from django.db import connections

from fixtures.city_nats import CityNats
from fixtures.database import TestDatabase
from fixtures.mqtt import Refused, TestDevice
from madang.ground.bus.log import Log
from madang.ground.bus.messages import Batch, Reader, now_ms
from madang.ground.city.models import City
from madang.ground.sensing.domain.devices import (
    DeviceSpec,
    register_devices,
    renew_credential,
    withdraw,
)
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.sensing.gate.gate import Gate
from madang.ground.sensing.messages import (
    Counts,
    Positions,
    Quarantined,
    Readings,
    States,
)
from madang.ground.sensing.models import Device
from madang.ground.trail.public import Actor

LON, LAT = 127.0286, 37.2636
KINDS: tuple[type[Batch], ...] = (Positions, Readings, States, Counts, Quarantined)
READ = Reader(*KINDS)
ME = Actor(name="test")


class World:
    """A city with two buses and a gauge, its gate and what comes onto its log."""

    def __init__(self, database: TestDatabase, nats: CityNats) -> None:
        self.database = database
        self.nats = nats
        self.credentials: dict[str, str] = {}

    def settle(self) -> None:
        city = City.objects.create(
            key="yard", names={"ko": "마당시"}, west=126.93, south=37.22, east=127.12, north=37.35
        )
        declare_kind(city, KindSpec("bus", {"ko": "버스"}, max_speed=30))
        channels = [ChannelSpec("water_level", {"ko": "수위"}, "m", 0, 5)]
        declare_kind(city, KindSpec("gauge", {"ko": "수위계"}, channels))
        specs = [
            DeviceSpec("bus-1", "bus", "1번"),
            DeviceSpec("bus-2", "bus", "2번", simulated=True),
            DeviceSpec("gauge-1", "gauge", "매여울", lon=LON, lat=LAT),
        ]
        for key, device in register_devices(city, specs, ME).items():
            self.credentials[key] = renew_credential(device, ME)

    @contextlib.asynccontextmanager
    async def gate(self, name: str) -> AsyncIterator[Gate]:
        gate = Gate(name, self.nats.doors(self.database.app_url))
        async with gate.opened():
            work = asyncio.create_task(gate.work())
            try:
                yield gate
            finally:
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await work

    async def knock(self, key: str, **other: Any) -> TestDevice:
        credential = other.pop("credential", self.credentials[key])
        return await TestDevice.connect(self.nats.mqtt_port, "yard", key, credential, **other)

    async def device(self, key: str, **other: Any) -> TestDevice:
        """A device that is let in; on a busy machine it knocks again, as real ones do."""
        until = time.monotonic() + 20
        while True:
            try:
                return await self.knock(key, **other)
            except Refused as refused:
                refused.add_note(self.nats.log()[-3000:])
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.5)

    async def on_the_log(self, kind: type[Batch]) -> list[Any]:
        log = await Log.connect(self.nats.url, "test")
        since = datetime.fromtimestamp(0, UTC)
        found = [READ.decode(entry.data) async for entry in log.replay(kind, since)]
        await log.close()
        return found

    async def refused(self) -> Counter[tuple[str, str]]:
        """How many facts were quarantined, by device and reason."""
        counts: Counter[tuple[str, str]] = Counter()
        for batch in await self.on_the_log(Quarantined):
            for row in zip(batch.key.rows(), batch.reason.rows(), batch.rows, strict=True):
                counts[row[0], row[1]] += int(row[2])
        return counts


async def django(act: Callable[[], Any]) -> Any:
    """Do what uses the ORM in a thread that leaves no connection behind."""

    def run() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


def renew(key: str) -> str:
    return renew_credential(Device.objects.get(key=key), ME)


async def eventually(check: Callable[[], Any], patience: float = 15) -> None:
    until = time.monotonic() + patience
    while not await check():
        assert time.monotonic() < until, "it did not come to be"
        await asyncio.sleep(0.1)


@pytest_asyncio.fixture
async def world(django_database: TestDatabase, city_nats: CityNats) -> World:
    world = World(django_database, city_nats)
    await django(world.settle)
    return world


@pytest_asyncio.fixture
async def gate(world: World) -> AsyncIterator[Gate]:
    async with world.gate("gate-1") as gate:
        yield gate


def position(t: int | None = None, **other: Any) -> dict[str, Any]:
    return {"t": now_ms() if t is None else t, "lon": LON, "lat": LAT, **other}


async def test_what_devices_say_comes_onto_the_log_as_columns(world: World, gate: Gate) -> None:
    bus, gauge = await world.device("bus-1"), await world.device("gauge-1")
    now = now_ms()
    await bus.say("positions", position(now, speed=8.5), position(now + 1000))
    await bus.say("states", {"t": now, "name": "mission", "value": "en_route", "about": "m-1"})
    await gauge.say("readings", {"t": now, "channel": "water_level", "value": 0.25})

    async def there() -> bool:
        return gate.facts == 4

    await eventually(there)
    (positions,) = await world.on_the_log(Positions)
    assert positions.city == "yard"
    assert positions.time.tolist() == [now, now + 1000]
    assert positions.device.tolist() == [gate.judge.known.numbers["yard", "bus-1"]] * 2
    (readings,) = await world.on_the_log(Readings)
    assert readings.value.tolist() == [0.25]
    (states,) = await world.on_the_log(States)
    assert states.value.rows() == ["en_route"]
    assert not await world.refused()


async def test_only_the_right_credential_under_its_own_client_id_is_let_in(
    world: World, gate: Gate
) -> None:
    bus = await world.device("bus-1")
    with pytest.raises(Refused):
        await world.knock("bus-1", credential="wrong" * 8)
    with pytest.raises(Refused):
        await world.knock("bus-2", client_id="yard/bus-1")
    with pytest.raises(Refused):
        await TestDevice.connect(world.nats.mqtt_port, "yard", "nobody", "x" * 40)
    await bus.say("positions", position())  # nobody has pushed it out
    assert not bus.cut.is_set()

    async def counted() -> bool:
        return (await world.refused())["bus-1", "denied"] == 1

    await eventually(counted)


async def test_a_denied_publish_is_counted_against_the_device(world: World, gate: Gate) -> None:
    bus = await world.device("bus-1")
    await bus.say("positions", position(), topic="m/yard/bus-2/positions")
    await bus.say("positions", position(), topic="m/9/yard/bus-1/positions")
    await bus.say("positions", position(), topic="somewhere")
    await bus.say("positions", position())

    async def counted() -> bool:
        return (await world.refused())["bus-1", "denied"] == 3

    await eventually(counted)
    assert gate.facts == 1


async def test_a_device_hears_only_what_is_meant_for_it(world: World, gate: Gate) -> None:
    bus = await world.device("bus-1")
    assert await bus.subscribe("c/yard/bus-1/#") == 1
    assert await bus.subscribe("c/yard/bus-2/#") == 0x80
    assert await bus.subscribe("m/#") == 0x80


async def test_a_new_credential_ends_the_old_connection_at_once(world: World, gate: Gate) -> None:
    bus, other = await world.device("bus-1"), await world.device("bus-2")
    credential = await django(lambda: renew("bus-1"))
    await asyncio.wait_for(bus.cut.wait(), 5)
    with pytest.raises(Refused):
        await world.knock("bus-1")
    again = await world.device("bus-1", credential=credential)
    await again.say("positions", position())
    assert not other.cut.is_set()


async def test_a_withdrawn_device_is_cut_off(world: World, gate: Gate) -> None:
    bus = await world.device("bus-1")
    await django(lambda: withdraw(Device.objects.get(key="bus-1"), "sold", ME))
    await asyncio.wait_for(bus.cut.wait(), 5)


async def test_a_device_that_was_just_registered_may_come_in(world: World, gate: Gate) -> None:
    def register() -> str:
        register_devices(City.objects.get(), [DeviceSpec("bus-3", "bus", "3번")], ME)
        return renew("bus-3")

    world.credentials["bus-3"] = await django(register)
    bus = await world.device("bus-3")
    await bus.say("positions", position())


async def test_a_flood_is_cut_off_and_the_others_go_on(world: World, gate: Gate) -> None:
    flood, quiet = await world.device("bus-1"), await world.device("bus-2")
    now = now_ms()
    with contextlib.suppress(ConnectionError):
        topic = "m/yard/bus-1/states"
        for one in range(3000):
            payload = b'{"t": %d, "name": "n", "value": "v"}' % (now - one)
            flood.start(topic, payload).add_done_callback(lambda done: done.exception())
            if one % 100 == 0:
                await quiet.say("positions", position(now + one))
    await asyncio.wait_for(flood.cut.wait(), 20)
    with pytest.raises(Refused):
        await world.knock("bus-1")

    async def counted() -> bool:
        positions = await world.on_the_log(Positions)
        return sum(map(len, positions)) == 30 and (await world.refused())["bus-1", "too_many"] > 0

    await eventually(counted)


async def test_two_gates_share_the_lanes_and_hand_them_over(world: World, gate: Gate) -> None:
    async def all_here() -> bool:
        return len(gate.worked) == 4

    await eventually(all_here)
    async with world.gate("gate-2") as second:

        async def shared() -> bool:
            return bool(second.worked) and len(gate.worked) + len(second.worked) == 4

        await eventually(shared)
        assert not set(gate.worked) & set(second.worked)
        devices = [await world.device("bus-1"), await world.device("bus-2")]
        for device in devices:
            for step in range(20):
                await device.say("positions", position(now_ms() + step))
    await eventually(all_here)

    async def everything() -> bool:
        return sum(map(len, await world.on_the_log(Positions))) == 40

    await eventually(everything)
    assert not await world.refused()
