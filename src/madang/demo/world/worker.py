"""The process `madang run world`: the demo's world goes on, its devices look at it and speak."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from time import time

import structlog
from django.conf import settings

from madang.demo.devices.ailing import Ailing
from madang.demo.devices.controllers import Controllers
from madang.demo.devices.credentials import credential
from madang.demo.devices.detectors import Detectors
from madang.demo.devices.doors import Doors
from madang.demo.devices.gauges import Gauges
from madang.demo.devices.messages import Message
from madang.demo.devices.mqtt import Account, Connection, Word
from madang.demo.devices.sections import Sections
from madang.demo.devices.smart_crossings import SmartCrossings
from madang.demo.devices.terminals import Terminals
from madang.demo.eyes.service import Eyes
from madang.demo.world import loading, scenario
from madang.demo.world.clock import WorldClock
from madang.demo.world.world import World
from madang.ground.city.models import City
from madang.ground.duty import Duty
from madang.ground.sensing.wire import client_id, topic
from madang.ground.thrift import apart, settle

SEED = 1
STEP = 1.0  # seconds of the world
AT_ONCE = 100  # connections made a second: each asks the gate
LOOK_AGAIN = 5.0  # seconds until it is looked again whether there is a demo city
TELL = 60.0  # seconds between two lines of account
LAST_WORDS = 8.0  # seconds in which what was said is still acknowledged when the world ends

log = structlog.get_logger()


async def main(duty: Duty) -> None:
    duty.ready()
    city = await _city(duty)
    if city is not None:
        await Living(city).live(duty)


async def _city(duty: Duty) -> City | None:
    while not duty.stop.is_set():
        if city := await asyncio.to_thread(loading.demo_city):
            return city
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN):
                await duty.stopped()
    return None


def _made(city: City, now: float, events: Sequence[scenario.Event]) -> World:
    """Reading the city takes libraries of rasters and heat that the world does without: 100 MB."""
    return World(apart(loading.setting, city), SEED, now, events)


class Living:
    """The world of one city with its devices."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.account = Account()
        self._devices: dict[str, Connection] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def live(self, duty: Duty) -> None:
        events = scenario.read(Path(settings.DEMO_SCENARIO)) if settings.DEMO_SCENARIO else []
        clock = WorldClock(time() - settings.DEMO_HOURS_BACK * 3600, settings.DEMO_RATE)
        # It drives for a while before anybody looks, which takes seconds.
        self.world = await asyncio.to_thread(_made, self.city, clock.now(), events)
        self.terminals = Terminals(self.world, self.city.crs, SEED)
        self.gauges = Gauges(self.world, SEED)
        self.doors = Doors(self.world, SEED)
        self.detectors = Detectors(self.world, SEED)
        self.street = (
            SmartCrossings(self.world, SEED),
            Sections(self.world, SEED),
            Controllers(self.world, SEED),
        )
        self.ailing = Ailing(self.world)
        eyes = Eyes(self.city, self.world, SEED)
        await eyes.open()
        await asyncio.to_thread(settle)
        opening = asyncio.create_task(self._open())
        telling = asyncio.create_task(self._tell())
        try:
            while not duty.stop.is_set():
                self._catch_up(clock)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(STEP / 4):
                        await duty.stopped()
            opening.cancel()
            await self._hear_out()
        finally:
            await eyes.close()
            for task in (opening, telling, *self._tasks):
                task.cancel()

    def _catch_up(self, clock: WorldClock) -> None:
        """Step on to the clock, at most a minute at a time, so that connections are served between."""
        for _ in range(60):
            if self.world.now + STEP > clock.now():
                return
            self.world.step(self.world.now + STEP)
            looks = (self.terminals, self.doors, self.gauges, self.detectors, *self.street)
            said = chain.from_iterable(each.look() for each in looks)
            for message in self.ailing.spoil(said):
                self._say(message)

    def _say(self, message: Message) -> None:
        if (device := self._devices.get(message.device)) is not None:
            where = topic(self.city.key, message.device, message.what)
            device.say(Word(where, message.payload(), len(message.facts), message.repeats))

    async def _hear_out(self) -> None:
        """Say nothing new, let what was said be acknowledged, and give the account of it all."""
        until = time() + LAST_WORDS
        while self._unsaid() and time() < until:
            await asyncio.sleep(0.1)
        self._give_account()

    async def _open(self) -> None:
        """Connect every device, some at a time; emergency vehicles and gauges before the others."""
        standing = [*(one.key for one in self.world.gauges), *self.world.watched]
        standing += [key for posts in self.world.posts.values() for key in posts]
        first = [*standing, *(one.key for one in self.world.vehicles)]
        for number, key in enumerate(first, 1):
            name = client_id(self.city.key, key)
            word = credential(settings.DEMO_DEVICES_SECRET, self.city.key, key)
            device = Connection(settings.MQTT_ADDRESS, name, word, self.account)
            self._devices[key] = device
            self.terminals.switch_on(key)
            self._tasks.append(asyncio.create_task(device.keep()))
            if number % (AT_ONCE // 10) == 0:
                await asyncio.sleep(0.1)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL)
            self._give_account()

    def _unsaid(self) -> int:
        return sum(device.unsaid() for device in self._devices.values())

    def _give_account(self) -> None:
        in_flight: Counter[str] = Counter()
        for device in self._devices.values():
            for word in device.in_flight():
                in_flight[word.what] += word.facts
        log.info(
            "the demo's devices",
            devices=len(self._devices),
            acknowledged=self.account.acknowledged,
            sent=dict(self.account.sent),
            again=dict(self.account.again),
            in_flight=dict(in_flight),
            waiting=self._unsaid(),
            forgotten=self.account.forgotten,
            refused=self.account.refused,
        )
