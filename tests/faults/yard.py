"""A small city that runs for real, in processes that a test may kill: PostgreSQL, NATS, gates, recorders."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from fixtures.city_nats import CityNats
from fixtures.mqtt import Refused, TestDevice
from fixtures.prepared import put_prepared
from madang.ground.bus.log import Log
from madang.ground.bus.messages import Batch, Reader, now_ms
from madang.ground.sensing.messages import Positions
from madang.run import postgres

LON, LAT = 127.0286, 37.2636
SETTLE = """
import json, sys, django
django.setup()
from madang.ground.city.models import City
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices, renew_credential
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.trail.public import Actor
me = Actor(name="test")
city = City.objects.create(key="yard", simulated=True, west=126.93, south=37.22, east=127.12, north=37.35)
declare_kind(city, KindSpec("cable_car", {}, [ChannelSpec("doors", {}, "1", 0, 4)], max_speed=30,
                            most_per_minute=int(sys.argv[2])))
declare_kind(city, KindSpec("siren", {}, most_per_minute=200))
specs = [DeviceSpec(f"bus-{n}", "cable_car", f"bus {n}") for n in range(int(sys.argv[1]))]
specs += [DeviceSpec(f"siren-{n}", "siren", f"siren {n}") for n in range(2)]
devices = register_devices(city, specs, me)
print(json.dumps({key: [one.number, renew_credential(one, me)] for key, one in devices.items()}))
"""

SIGN_IN = """
import django
django.setup()
from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from madang.ground.city.models import City
from madang.ground.people.public import create_account, create_organisation, give_role
from madang.ground.trail.public import Actor
me, city = Actor(name="test"), City.objects.get(key="yard")
account = create_account(me, "kim@yard.example", "kim", "not-to-be-guessed-28", demo=True)
give_role(me, account, create_organisation(me, city, "hall", "city", {"ko": "hall"}), "operator")
request = HttpRequest()
request.session = SessionStore()
login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
request.session.save()
print(f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}")
"""
END_ROLE = """
import django
django.setup()
from madang.ground.people.models import Membership
from madang.ground.people.public import end_role
from madang.ground.trail.public import Actor
end_role(Actor(name="test"), Membership.objects.get(account__email="kim@yard.example"))
"""


class Yard:
    """The city. Its processes run until they are killed or the yard is closed."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.nats = CityNats(self.home)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.postgres: subprocess.Popen[bytes] | None = None
        self.devices: dict[str, tuple[int, str]] = {}
        self._fresh: Iterator[str] = iter(())

    def open(self, devices: int, most_per_minute: int = 100_000) -> None:
        put_prepared(self.home)
        self.start_postgres()
        postgres.ensure_roles(self.home)
        self.nats.start()
        said = self._python(SETTLE, str(devices), str(most_per_minute))
        self.devices = {key: tuple(two) for key, two in json.loads(said).items()}
        self._fresh = iter(sorted(key for key in self.devices if key.startswith("bus-")))

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.nats.stop()
        if self.postgres is not None:
            self.postgres.terminate()
            self.postgres.wait(30)

    def start_postgres(self) -> None:
        place = postgres.prepare(self.home)
        postgres.clear_stale_lock(place)
        with (self.home / "postgres.log").open("ab") as log:
            server = subprocess.Popen(
                postgres.command(place), cwd="/", stdout=log, stderr=log, **place.as_user()
            )
        self.postgres = server
        until = time.monotonic() + 60
        while not postgres.is_ready(self.home, server.pid):
            assert server.poll() is None, (self.home / "postgres.log").read_text()
            assert time.monotonic() < until, "PostgreSQL did not start"
            time.sleep(0.05)

    def kill_postgres(self) -> None:
        assert self.postgres is not None
        self.postgres.kill()
        self.postgres.wait()
        time.sleep(0.5)  # its children see that it is gone

    def start(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "madang", "run", name],
                env={**self._environment(), **environment},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def running(self, name: str) -> list[subprocess.Popen[bytes]]:
        """Those of that name that live."""
        return [one for one in self.processes if one.args[-1] == name and one.poll() is None]  # type: ignore[index]

    def sign_in(self) -> str:
        """The cookie of an operator of the city."""
        return self._python(SIGN_IN).strip()

    def end_role(self) -> None:
        """The operator is none any more."""
        self._python(END_ROLE)

    def fresh(self, count: int) -> list[Reporter]:
        """So many devices that no test has used yet."""
        return [Reporter(self, key) for key in self.fresh_keys(count)]

    def fresh_keys(self, count: int) -> list[str]:
        """The keys of so many devices that no test has used yet."""
        return [next(self._fresh) for _ in range(count)]

    def said(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(errors="replace")

    def rows(self, statement: str, *words: Any) -> list[Any]:
        with psycopg.connect(postgres.url(self.home, postgres.SUPERUSER)) as connection:
            return connection.execute(statement, words).fetchall()

    def do(self, statement: str) -> None:
        with psycopg.connect(
            postgres.url(self.home, postgres.SUPERUSER), autocommit=True
        ) as connection:
            connection.execute(statement)

    async def on_the_log(self, kind: type[Batch]) -> list[Any]:
        log = await Log.connect(self.nats.url, "test")
        reader = Reader(kind)
        since = datetime.fromtimestamp(0, UTC)
        found = [reader.decode(entry.data) async for entry in log.replay(kind, since)]
        await log.close()
        return found

    async def order_on_the_log(self) -> dict[int, list[int]]:
        """The times of each device's positions, in the order in which they stand on the log."""
        order: dict[int, list[int]] = defaultdict(list)
        for batch in await self.on_the_log(Positions):
            for device, moment in zip(batch.device.tolist(), batch.time.tolist(), strict=True):
                order[device].append(moment)
        return order

    def recorded(self, reporters: list[Reporter]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {reporter.number: [] for reporter in reporters}
        rows = self.rows(
            "SELECT device, round(extract(epoch FROM time) * 1000)::bigint FROM sensing_position "
            "WHERE device = ANY(%s) ORDER BY time",
            list(found),
        )
        for device, moment in rows:
            found[device].append(moment)
        return found

    def _python(self, script: str, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "MADANG_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "madang.run.django_settings",
        }


class Reporter:
    """A device that says where it is, one after the other, and keeps what was not acknowledged."""

    def __init__(self, yard: Yard, key: str) -> None:
        self.yard = yard
        self.key = key
        self.number, self.credential = yard.devices[key]
        self.acknowledged: list[int] = []
        self._begun = now_ms() - 600_000
        self._device: TestDevice | None = None

    async def report(self, stop: asyncio.Event, pause: float = 0.01) -> None:
        while not stop.is_set():
            moment = self._begun + len(self.acknowledged) * 100
            await self.deliver(moment)
            await asyncio.sleep(pause)
        await self.hang_up()

    async def deliver(self, moment: int) -> None:
        """Say where it was at moment until that is acknowledged, as a device with a memory does."""
        payload = b'{"t": %d, "lon": %f, "lat": %f}' % (moment, LON, LAT)
        await self.tell("positions", payload)
        self.acknowledged.append(moment)

    async def tell(self, what: str, payload: bytes) -> int:
        """Say payload until it is acknowledged; how many times it had to be said again."""
        again = 0
        while True:
            try:
                device = await self._connected()
                await device.publish(f"m/yard/{self.key}/{what}", payload, wait=5)
            except (ConnectionError, Refused, TimeoutError, OSError):
                await self.hang_up()
                await asyncio.sleep(0.2)
                again += 1
            else:
                return again

    async def _connected(self) -> TestDevice:
        if self._device is None:
            self._device = await TestDevice.connect(
                self.yard.nats.mqtt_port, "yard", self.key, self.credential
            )
        return self._device

    async def hang_up(self) -> None:
        """End the connection; the next word opens another."""
        if self._device is not None:
            with contextlib.suppress(OSError):
                await self._device.close()
            self._device = None


async def eventually(check: Callable[[], bool], patience: float = 120) -> None:
    until = time.monotonic() + patience
    while not check():
        if time.monotonic() > until:
            assert check(), "it did not come to be"
        await asyncio.sleep(0.25)
