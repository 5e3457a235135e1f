from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import structlog
from structlog.testing import capture_logs

from fixtures.nats import TestNats
from madang.ground.bus import connecting
from madang.ground.bus import log as log_module
from madang.ground.bus.columns import Int32
from madang.ground.bus.connecting import Troubles
from madang.ground.bus.ending import going_on
from madang.ground.bus.log import Entry, Log, LogError, LogFull
from madang.ground.bus.messages import Batch, Message, Reader
from madang.ground.bus.streams import Stream


class Steps(Batch, frozen=True, kw_only=True, tag="test-steps"):
    number: Int32


class Orders(Batch, frozen=True, kw_only=True, tag="test-orders"):
    number: Int32


STEPS = Stream(Steps, hours=1, megabytes=10)
READ = Reader(Steps)


def steps(*numbers: int, city: str = "yard", **head: str) -> Steps:
    return Steps(city=city, source="test", number=np.array(numbers, dtype=np.int32), **head)


def numbers(entries: list[Entry]) -> list[int]:
    messages = [READ.decode(entry.data) for entry in entries]
    return [n for message in messages if isinstance(message, Steps) for n in message.number]


@pytest_asyncio.fixture
async def log(own_nats: TestNats) -> AsyncIterator[Log]:
    log = await Log.connect(own_nats.url, "test")
    await log.ensure(STEPS)
    yield log
    await log.close()


async def test_one_id_is_taken_once(log: Log) -> None:
    said = steps(1, 2)
    first = await log.publish(said)
    second = await log.publish(said)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.sequence == second.sequence


async def test_a_follower_is_given_again_what_it_did_not_finish(log: Log) -> None:
    await log.publish(steps(1))
    await log.publish(steps(2))
    follower = await log.follow(Steps, "reader")
    one, two = await follower.next(10, wait=2)
    await one.done()
    await two.again(after=0)
    assert numbers(await follower.next(10, wait=2)) == [2]


async def test_two_readers_of_one_name_share_the_messages(log: Log) -> None:
    for number in range(20):
        await log.publish(steps(number))
    first = await log.follow(Steps, "reader")
    second = await log.follow(Steps, "reader")
    seen = numbers(await first.next(10, wait=2)) + numbers(await second.next(10, wait=2))
    assert sorted(seen) == list(range(20))


async def test_one_that_works_long_keeps_its_messages_and_one_that_is_gone_hands_them_over(
    log: Log, own_nats: TestNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "ACK_WAIT", 2.0)
    monkeypatch.setattr(log_module, "HOLD_EVERY", 0.3)
    gone = await Log.connect(own_nats.url, "gone")
    leaving, staying = await gone.follow(Steps, "reader"), await log.follow(Steps, "reader")
    await log.publish(steps(1))
    (entry,) = await leaving.next(1, wait=2)
    assert await staying.next(1, wait=4) == [], "it is still worked on"
    await gone.close()
    assert numbers(await staying.next(1, wait=20)) == [1]
    assert entry.deliveries == 1


async def test_what_was_said_since_a_time_can_be_read_again(log: Log) -> None:
    await log.publish(steps(1))
    await asyncio.sleep(0.05)
    middle = datetime.now(UTC)
    await log.publish(steps(2))
    await log.publish(steps(3, city="other"))
    await log.publish(steps(4))
    since = [entry async for entry in log.replay(Steps, middle, city="yard")]
    assert numbers(since) == [2, 4]
    everything = [entry async for entry in log.replay(Steps, datetime.fromtimestamp(0, UTC))]
    assert numbers(everything) == [1, 2, 3, 4]


async def test_a_listener_hears_what_is_said_from_now_on(log: Log) -> None:
    heard: asyncio.Queue[Message] = asyncio.Queue()
    await log.publish(steps(1))
    end = await log.listen(READ, "test-steps", heard.put, city="yard")
    await log.publish(steps(2))
    await log.publish(steps(3, city="other"))
    message = await asyncio.wait_for(heard.get(), 2)
    assert isinstance(message, Steps)
    assert message.number.tolist() == [2]
    await end()
    assert heard.empty()


async def test_a_full_stream_that_may_not_drop_refuses(log: Log) -> None:
    await log.ensure(Stream(Orders, hours=1, megabytes=1, refuses_when_full=True))
    large = np.zeros(200_000, dtype=np.int32)
    await log.publish(Orders(city="yard", source="test", number=large))
    with pytest.raises(LogFull):
        await log.publish(Orders(city="yard", source="test", number=large))


async def test_what_was_acknowledged_survives_the_kill_of_the_server(
    log: Log, own_nats: TestNats
) -> None:
    for number in range(50):
        await log.publish(steps(number))
    own_nats.kill()
    later = asyncio.create_task(log.publish(steps(50), patience=20))
    await asyncio.sleep(0.2)
    await asyncio.to_thread(own_nats.start)
    await later
    follower = await log.follow(Steps, "reader")
    assert numbers(await follower.next(100, wait=5)) == list(range(51))


async def test_a_server_that_stays_away_is_an_error_with_its_reason(
    log: Log, own_nats: TestNats
) -> None:
    own_nats.kill()
    began = time.monotonic()
    with pytest.raises(LogError, match="did not take"):
        await log.publish(steps(1), patience=0.5)
    assert time.monotonic() - began < 15


async def test_a_cancellation_in_the_moment_of_the_answer_is_heeded(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As asyncio.wait_for loses it on Python 3.11: the answer comes, the cancellation is gone."""

    async def swallow(*_: object, **__: object) -> list[object]:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return []

    async def read_for_ever() -> None:
        follower = await log.follow(Steps, "reader")
        monkeypatch.setattr(follower._subscription, "fetch", swallow)
        reading.set()
        while True:
            await follower.next(1, wait=1)

    reading = asyncio.Event()
    task = asyncio.create_task(read_for_ever())
    await reading.wait()
    await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done
    assert task.cancelled()


async def test_a_server_with_too_little_storage_is_named(tmp_path: Path) -> None:
    small = TestNats(
        tmp_path, 'listen: "127.0.0.1:{port}"\njetstream {{store_dir: "{store}", max_file: 1MB}}'
    )
    small.start()
    log = await Log.connect(small.url, "test")
    try:
        with pytest.raises(LogFull, match="max_file_store"):
            await log.ensure(STEPS)
    finally:
        await log.close()
        small.stop()


async def test_a_loop_ends_though_its_cancellation_was_lost_on_the_way() -> None:
    async def loop() -> None:
        while going_on():
            with contextlib.suppress(asyncio.CancelledError):  # as wait_for of Python 3.11 may
                await asyncio.sleep(0.01)

    task = asyncio.create_task(loop())
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()
    await asyncio.wait_for(task, 5)


async def test_a_trouble_is_said_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(connecting, "log", structlog.get_logger())  # whoever spoke before kept his
    troubles = Troubles(lambda: now[0])
    with capture_logs() as said:
        for now[0] in (0.0, 0.25, 59.0, 61.0):
            await troubles.tell(OSError("refused"))
        await troubles.tell(OSError("another"))
    assert [line["why"] for line in said] == ["refused", "refused", "another"]
