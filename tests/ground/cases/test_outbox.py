"""What was committed is said on the log: once, in order, and after whatever befell either server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.database import TestDatabase
from fixtures.nats import TestNats
from madang.ground.bus.log import Log
from madang.ground.bus.messages import Reader
from madang.ground.cases.domain.handling import acknowledge
from madang.ground.cases.domain.raising import Cause, Finding, raise_alarm
from madang.ground.cases.messages import STREAMS, AlarmSaid
from madang.ground.cases.models import Outgoing
from madang.ground.cases.outbox import Outbox
from madang.ground.city.models import City
from madang.ground.trail.public import Actor

NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
KIM = Actor(name="김관제")


@pytest.fixture
def city(django_database: TestDatabase) -> City:
    return City.objects.create(key="outbox")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
async def log(own_nats: TestNats) -> AsyncIterator[Log]:
    bus = await Log.connect(own_nats.url, "test")
    await bus.ensure(*STREAMS)
    yield bus
    await bus.close()


def raise_one(city: City, cause: str) -> None:
    alarm = raise_alarm(Actor(name="desk"), city.pk, Cause("level", cause), Finding(NOON, "수위계"))
    acknowledge(KIM, city.pk, alarm.id)


async def on_the_log(log: Log) -> list[tuple[str, int]]:
    """Cause of the alarm by its state, and its number, in the order of the log."""
    reader = Reader(AlarmSaid)
    since = datetime.now(UTC) - timedelta(hours=1)
    said = [reader.decode(entry.data) async for entry in log.replay(AlarmSaid, since)]
    return [(one.state, one.number) for one in said if isinstance(one, AlarmSaid)]


async def test_every_step_is_said_in_order_and_then_taken_out(
    city: City, log: Log, threads: ThreadPoolExecutor
) -> None:
    await asyncio.to_thread(raise_one, city, "a")
    assert await Outbox(log, threads).publish() == 2
    assert await on_the_log(log) == [("open", 1), ("acknowledged", 2)]
    assert not await asyncio.to_thread(Outgoing.objects.exists)


async def test_what_is_published_twice_is_on_the_log_once(
    city: City, log: Log, threads: ThreadPoolExecutor
) -> None:
    """As when the process is killed between publishing and taking out."""
    await asyncio.to_thread(raise_one, city, "a")
    waiting = await asyncio.to_thread(lambda: list(Outgoing.objects.all()))
    await Outbox(log, threads).publish()
    await asyncio.to_thread(Outgoing.objects.bulk_create, waiting)
    await Outbox(log, threads).publish()
    assert len(await on_the_log(log)) == 2


async def test_what_is_not_committed_is_not_said(
    city: City, log: Log, threads: ThreadPoolExecutor
) -> None:
    from django.db import transaction

    def raise_and_fail() -> None:
        with transaction.atomic():
            raise_one(city, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await asyncio.to_thread(raise_and_fail)
    assert await Outbox(log, threads).publish() == 0


@pytest.mark.fault
async def test_while_the_log_is_away_it_waits_and_a_commit_wakes_it(
    city: City, log: Log, threads: ThreadPoolExecutor, own_nats: TestNats
) -> None:
    publishing = asyncio.create_task(Outbox(log, threads).publish_forever())
    try:
        await asyncio.to_thread(own_nats.kill)
        await asyncio.to_thread(raise_one, city, "a")
        await asyncio.to_thread(own_nats.start)
        async with asyncio.timeout(30):
            while await asyncio.to_thread(Outgoing.objects.exists):
                await asyncio.sleep(0.1)
        assert await on_the_log(log) == [("open", 1), ("acknowledged", 2)]
    finally:
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
