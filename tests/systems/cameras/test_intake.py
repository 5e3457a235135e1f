"""Who pulls a camera and when a lost one is called again: leases, back-off, a thousand lost at once."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections import Counter
from typing import Any
from unittest.mock import AsyncMock, MagicMock
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from fixtures.nats import TestNats
from madang.ground.bus.connecting import connect
from madang.systems.cameras.intake import leases, worker
from madang.systems.cameras.intake import pull as pulling
from madang.systems.cameras.intake.calling import BURST, RATE, Backoff, Turns
from madang.systems.cameras.intake.leases import (
    GROUPS,
    TRUSTED,
    TTL,
    Bucket,
    Leases,
    Taken,
    group_of,
)
from madang.systems.cameras.intake.wished import HELD_FOR, LEFT_FOR, Wished
from madang.systems.cameras.messages import Wish, Wishes, encode, read_wishes

CAMERA = UUID(int=5)
GROUP = group_of(CAMERA)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_camera_that_nobody_looks_at_any_more_is_let_go_soon_but_not_while_another_does() -> None:
    clock = Clock()
    wished, main = Wished(clock), (CAMERA, "main")
    said = read_wishes(encode(Wishes([Wish(*main)])))
    left = read_wishes(encode(Wishes([], [Wish(*main)])))

    def after(seconds: float) -> bool:
        clock.now += seconds
        wished.forget()
        return main in wished

    assert wished.hear(left) == []
    assert not after(0)
    assert wished.hear(said) == [main]
    assert after(HELD_FOR - 0.1)  # words that are lost let nothing go
    assert not after(0.2)
    wished.hear(said)
    wished.hear(left)
    assert after(LEFT_FOR - 0.1)
    wished.hear(said)  # another web process has a viewer
    assert after(HELD_FOR - 0.1)
    wished.hear(left)
    assert not after(0.2)


class Shelf:
    """A key-value store whose rows end after TTL, on a clock of its own; away: it gives no answer."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.away = False
        self.rows: dict[int, tuple[int, float]] = {}
        self._numbers = itertools.count(1)

    def _revision(self, group: int) -> int:
        if self.away:
            raise TimeoutError
        revision, at = self.rows.get(group, (0, 0.0))
        return revision if self.clock() - at < TTL else 0

    async def create(self, group: int, name: str) -> int:
        return await self.renew(group, name, 0)

    async def renew(self, group: int, name: str, revision: int) -> int:
        there = self._revision(group)
        if there not in (0, revision):
            raise Taken
        self.rows[group] = (next(self._numbers), self.clock())
        return self.rows[group][0]

    async def end(self, group: int, revision: int) -> None:
        if self._revision(group) == revision:
            del self.rows[group]


@settings_of(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["take", "end", 0.3, 1.0, 2.9, 4.0]))))
def test_no_two_processes_hold_a_group_however_long_one_stands_still(
    acts: list[tuple[int, str | float]],
) -> None:
    clock = Clock()
    shelf = Shelf(clock)
    processes = [Leases(name, shelf, clock) for name in "abc"]

    async def run() -> None:
        for number, act in acts:
            if act == "take":
                await processes[number].take([GROUP])
            elif act == "end":
                await processes[number].end([GROUP])
            else:
                assert isinstance(act, float)
                clock.now += act
            assert sum(one.holds(CAMERA) for one in processes) <= 1

    asyncio.run(run())


async def test_who_records_goes_on_while_nobody_answers_and_ends_when_another_has_it() -> None:
    clock = Clock()
    shelf = Shelf(clock)
    one, other = Leases("a", shelf, clock), Leases("b", shelf, clock)
    await one.take([GROUP])
    await other.take([GROUP])
    assert (one.holds(CAMERA), other.holds(CAMERA)) == (True, False)
    shelf.away = True
    for _second in range(10):
        clock.now += 1
        await one.take([GROUP])
        assert one.holds(CAMERA)
    await other.take([GROUP])
    assert not other.holds(CAMERA)
    shelf.away = False
    await other.take([GROUP])
    await one.take([GROUP])
    assert (one.holds(CAMERA), other.holds(CAMERA)) == (False, True)


@pytest.mark.parametrize("lives", [600.0, 1.0])
async def test_leases_in_nats_end_when_they_are_given_up_or_by_themselves(
    nats_server: TestNats, monkeypatch: pytest.MonkeyPatch, lives: float
) -> None:
    """Long ones, so that none ends meanwhile however slow the machine is; and short ones."""
    monkeypatch.setattr(leases, "TTL", lives)
    monkeypatch.setattr(leases, "BUCKET", f"leases-{lives:g}")
    connections = [await connect(nats_server.url, name) for name in "ab"]
    one, other = (Leases(name, Bucket(at)) for name, at in zip("ab", connections, strict=True))
    groups = set(range(8))
    try:
        await one.take(groups)
        assert one.held == groups
        if lives > TTL:
            await other.take(groups)
            assert other.held == set()
            await one.end({1, 2})
            await asyncio.gather(one.take(groups - {1, 2}), other.take(groups))
            assert (one.held, other.held) == (groups - {1, 2}, {1, 2})
        else:
            async with asyncio.timeout(60):
                while other.held != groups:  # the first is silent from here on
                    await asyncio.sleep(0.1)
                    await other.take(groups)
    finally:
        for connection in connections:
            await connection.close()


def test_a_thousand_cameras_lost_at_once_do_not_come_back_at_once() -> None:
    clock, chance = Clock(), random.Random(7)
    began, back = clock.now, 60.0  # seconds after which they are there again
    turns = Turns(clock=clock)
    cameras = [Backoff(chance.uniform) for _ in range(1000)]
    calls: Counter[int] = Counter()
    due = [(began + one.after(3600), number, False) for number, one in enumerate(cameras)]
    heapq.heapify(due)
    last = 0.0
    while due:
        clock.now, number, turn = heapq.heappop(due)
        if not turn:
            heapq.heappush(due, (clock.now + turns.take(), number, True))
            continue
        calls[int(clock.now - began)] += 1
        if clock.now - began < back:
            heapq.heappush(due, (clock.now + cameras[number].after(0), number, False))
        last = clock.now - began
    assert max(calls.values()) <= RATE + BURST + 1
    assert back < last < back + 45 + 1000 / RATE
    assert sum(calls.values()) < 6000


def test_one_lost_camera_is_called_again_soon_and_then_ever_later() -> None:
    backoff = Backoff(lambda low, high: 1.0)
    assert [backoff.after(0) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.after(60) == 0.5
    assert TRUSTED < TTL


def test_a_few_calls_are_made_at_once_and_the_rest_in_turn() -> None:
    turns = Turns(rate=10, burst=2, clock=lambda: 50.0)
    waits = [turns.take() for _ in range(5)]
    assert waits == pytest.approx([0, 0, 0.1, 0.2, 0.3])


async def test_many_cameras_at_once_are_connected_however_slow_the_database_is(
    nats_server: TestNats, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A turn that took longer than a lease lost them all, let every camera go and began anew, for ever."""
    streams = {(UUID(int=number), "main") for number in range(2 * GROUPS)}
    pulled: list[str] = []

    class Pulled:
        account, stuck = pulling.Account(), False

        def start(self) -> None:
            pulled.append("pulled")

        def stop(self) -> None:
            pulled.append("let go")

    def slowly(*_words: object) -> tuple[None, None]:
        time.sleep(TRUSTED / 6)
        return None, None

    settings.NATS_URL = nats_server.url
    monkeypatch.setattr(worker, "Pull", lambda *_words, **_more: Pulled())
    monkeypatch.setattr(worker, "Track", lambda *_words, **_more: MagicMock())
    monkeypatch.setattr(worker, "Keeper", MagicMock)
    monkeypatch.setattr(worker, "Arms", lambda *_words: AsyncMock())
    monkeypatch.setattr(worker, "read_recorded", lambda: (streams, set()))
    monkeypatch.setattr(worker, "read_source", slowly)
    monkeypatch.setattr(worker, "write_health", lambda *_words: None)
    intake, ending = worker.Intake(), asyncio.get_running_loop().create_future()
    working = asyncio.create_task(intake.work(ending))
    async with asyncio.timeout(60):
        while len(pulled) < len(streams):
            await asyncio.sleep(0.05)
    assert set(pulled) == {"pulled"}
    ending.set_result(None)
    await working
    assert pulled.count("let go") == len(streams)
