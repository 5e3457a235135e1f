"""One screen's connection without a socket: what it is sent, how fast, and when it is cut off."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import msgpack
import numpy as np
import pytest

from fixtures.screens import Seen, frames
from madang.ground.live import kinds, outbox, session
from madang.ground.live.closing import Close, Closed
from madang.ground.live.hub import Hub
from madang.ground.live.kinds import Moving, Record, Recorded
from madang.ground.live.names import Name
from madang.ground.live.session import Session
from madang.ground.live.words import Unreadable
from madang.ground.sensing.messages import States

NOON = 1_782_874_800_000
PLACE = ("demo", "test_buses")
NEWS = ("demo", "test_news")


@pytest.fixture(autouse=True)
def test_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register(Moving("test_buses"))
    kinds.register(Recorded("test_news", States, lambda message: message))


class OneCity:
    def city(self, key: str) -> dict[str, Any] | None:
        return {"x0": 0.0} if key == "demo" else None


class Everything:
    """A sight that allows everything but what is named."""

    def __init__(self) -> None:
        self.denied: set[tuple[str, str]] = set()

    def allows(self, place: tuple[str, str]) -> bool:
        return place not in self.denied


class Wire:
    """A screen that takes in every message at once, or not before it is told to."""

    def __init__(self, hub: Hub) -> None:
        self.sight = Everything()
        self.messages: list[bytes] = []
        self.acknowledging = True
        self.stuck = asyncio.Event()
        self.stuck.set()
        self.session = Session(hub, OneCity(), self.sight, self._take)

    async def _take(self, message: bytes) -> None:
        await self.stuck.wait()
        self.messages.append(message)
        if self.acknowledging:
            self.say(t="ack", n=len(self.messages))

    def say(self, **word: Any) -> None:
        self.session.hear(msgpack.packb(word))

    def catch_up(self) -> None:
        self.acknowledging = True
        self.say(t="ack", n=len(self.messages))

    @property
    def seen(self) -> list[Seen]:
        return [frame for message in self.messages for frame in frames(message)]

    def last(self, what: str) -> Seen:
        return [seen for seen in self.seen if seen["t"] == what][-1]

    def count(self, what: str) -> int:
        return sum(seen["t"] == what for seen in self.seen)


@pytest.fixture
def hub() -> Hub:
    return Hub(lambda: NOON)


@contextlib.asynccontextmanager
async def screen(hub: Hub) -> AsyncIterator[Wire]:
    wire = Wire(hub)
    speaking = asyncio.create_task(wire.session.speak())
    try:
        await settle()
        yield wire
    finally:
        wire.session.leave_all()
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def move(hub: Hub, *rows: tuple[int, float, float], time: int = NOON) -> None:
    """Take rows in and say them, as the hub's timer would."""
    numbers = np.array([row[0] for row in rows], dtype=np.int32)
    x, y = (np.array([row[place] for row in rows]) for place in (1, 2))
    nothing = np.full(len(rows), np.nan)
    hub.put(PLACE, numbers, np.full(len(rows), time, dtype=np.int64), [x, y, nothing, nothing])
    hub.flush()


async def test_the_first_frames_say_what_one_needs_to_draw(hub: Hub) -> None:
    hub.name(PLACE, [Name(7, "b7", "7번 버스", "bus", True)])
    move(hub, (7, 10.0, 20.0))
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_buses/512/0/0"])
        await settle()
        assert [seen["t"] for seen in wire.seen] == ["hello", "city", "subscribed", "names", "full"]
        hello, _, subscribed, names, full = wire.seen
        assert hello["kinds"]["test_buses"]["columns"][:4] == ["id", "x", "y", "age"]
        assert subscribed["topics"] == {"demo/test_buses/512/0/0": full["topic"]}
        assert (names["labels"], names["kinds"], names["simulated"]) == (["7번 버스"], ["bus"], [7])
        assert full.ids == [7]


async def test_a_snapshot_then_changes(hub: Hub) -> None:
    move(hub, (7, 10.0, 20.0))
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_buses"])
        await settle()
        move(hub, (8, 1.0, 1.0), time=NOON + 1)
        await settle()
        assert wire.last("full").ids == [7]
        change = wire.last("change")
        assert (change.ids, change["seq"]) == ([8], wire.last("full")["seq"] + 1)


async def test_a_slow_reader_gets_fewer_frames_and_the_latest_state(hub: Hub) -> None:
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_buses"])
        await settle()
        wire.acknowledging = False
        for step in range(200):
            move(hub, (7, float(step), 0.0), time=NOON + step)
            await settle()
        sent = len(wire.messages)
        assert sent <= session.WINDOW_MESSAGES + 4, "what is not taken in is not sent"
        wire.catch_up()
        await settle()
        assert len(wire.messages) <= sent + 2, "what was missed comes as one frame"
        assert wire.last("full").column(1)[0] == 199
        move(hub, (7, 500.0, 0.0), time=NOON + 999)
        await settle()
        assert wire.last("change")["seq"] == wire.last("full")["seq"] + 1


async def test_a_slow_reader_slows_nobody_else(hub: Hub) -> None:
    async with screen(hub) as slow, screen(hub) as quick:
        for wire in (slow, quick):
            wire.say(t="subscribe", topics=["demo/test_buses"])
        await settle()
        slow.stuck.clear()
        before = quick.count("change")
        for step in range(100):
            move(hub, (7, float(step), 0.0), time=NOON + step)
            await settle()
        assert quick.count("change") - before == 100


async def test_of_records_none_is_missed_however_slow_the_reader(hub: Hub) -> None:
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_news", "demo/test_buses"])
        await settle()
        wire.acknowledging = False
        for step in range(100):
            hub.record(NEWS, Record("a", step, {"step": step}))
            move(hub, (7, float(step), 0.0), time=NOON + step)
            await settle()
        wire.catch_up()
        await settle()
        records = [seen for seen in wire.seen if seen["t"] == "record"]
        assert [record["item"]["step"] for record in records] == list(range(100))
        assert [record["seq"] for record in records] == list(range(1, 101))


async def test_a_reader_who_lets_too_many_records_wait_must_come_back(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_RECORDS", 50)
    wire = Wire(hub)
    wire.say(t="subscribe", topics=["demo/test_news"])
    speaking = asyncio.create_task(wire.session.speak())
    await settle()
    wire.acknowledging = False
    for step in range(80):
        hub.record(NEWS, Record("a", step, {"step": step}))
        await settle()
    with pytest.raises(Closed) as closed:
        await asyncio.wait_for(speaking, 5)
    assert closed.value.code == Close.OVERRUN


async def test_records_that_are_over_are_said_and_not_in_the_next_snapshot(hub: Hub) -> None:
    hub.record(NEWS, Record("a", 1, {"n": 1}))
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_news"])
        await settle()
        assert [item["key"] for item in wire.last("records")["items"]] == ["a"]
        hub.record(NEWS, Record("a", 2, {"n": 2}, over=True))
        hub.record(NEWS, Record("a", 1, {"n": 1}))
        await settle()
        assert wire.last("record")["over"] is True
        assert wire.count("record") == 1, "an older word does not bring it back"
    async with screen(hub) as later:
        later.say(t="subscribe", topics=["demo/test_news"])
        await settle()
        assert later.last("records")["items"] == []


async def test_the_store_is_right_about_what_there_is(hub: Hub) -> None:
    hub.record(NEWS, Record("gone", 1, {}))
    before = hub.ledger(NEWS).keys
    hub.record(NEWS, Record("since", 1, {}))
    hub.settle(NEWS, [Record("new", 1, {})], before)
    assert hub.ledger(NEWS).keys == {"new", "since"}


async def test_who_comes_back_soon_gets_what_was_missed(hub: Hub) -> None:
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_buses"])
        await settle()
        move(hub, (7, 1.0, 0.0))
        await settle()
        last, epoch = wire.last("change")["seq"], wire.last("hello")["epoch"]
    move(hub, (7, 2.0, 0.0), time=NOON + 1)
    move(hub, (8, 3.0, 0.0), time=NOON + 2)
    async with screen(hub) as again:
        resume = {"epoch": epoch, "seq": {"demo/test_buses": last}}
        again.say(t="subscribe", topics=["demo/test_buses"], resume=resume)
        await settle()
        assert again.count("full") == 0
        changes = [seen for seen in again.seen if seen["t"] == "change"]
        assert [(change["seq"], change.ids) for change in changes] == [
            (last + 1, [7]),
            (last + 2, [8]),
        ]


@pytest.mark.parametrize(
    "wrong", [{"epoch": "another"}, {"seq": {}}, {"seq": {"demo/test_buses": 999}}]
)
async def test_who_was_away_too_long_gets_a_snapshot(hub: Hub, wrong: dict[str, Any]) -> None:
    move(hub, (7, 1.0, 0.0))
    resume = {"epoch": hub.epoch, "seq": {"demo/test_buses": 0}, **wrong}
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_buses"], resume=resume)
        await settle()
        assert wire.count("full") == 1


async def test_a_right_that_ends_closes_its_topics_at_once_and_no_others(hub: Hub) -> None:
    async with screen(hub) as wire:
        wire.say(
            t="subscribe", topics=["demo/test_buses", "demo/test_buses/512/0/0", "demo/test_news"]
        )
        await settle()
        wire.sight.denied.add(PLACE)
        wire.session.review()
        move(hub, (7, 1.0, 1.0))
        hub.record(NEWS, Record("a", 1, {}))
        await settle()
        assert wire.last("ended")["topics"] == ["demo/test_buses", "demo/test_buses/512/0/0"]
        assert wire.count("change") == 0
        assert wire.count("record") == 1
        wire.say(t="subscribe", topics=["demo/test_buses"])
        await settle()
        assert wire.last("refused")["topics"] == {"demo/test_buses": "no_right"}


async def test_frames_that_wait_are_thrown_away_with_the_right(hub: Hub) -> None:
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_buses"])
        await settle()
        wire.stuck.clear()
        move(hub, (1, 1.0, 1.0))
        await settle()
        move(hub, (2, 1.0, 1.0))
        wire.sight.denied.add(PLACE)
        wire.session.review()
        wire.stuck.set()
        await settle()
        assert [change.ids for change in wire.seen if change["t"] == "change"] == [[1]]


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ("demo/nothing", "unknown_kind"),
        ("seoul/test_buses", "unknown_city"),
        ("demo/test_news/512/0/0", "no_cells"),
    ],
)
async def test_what_cannot_be_followed_is_refused_with_why(hub: Hub, topic: str, why: str) -> None:
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=[topic, "demo/test_buses"])
        await settle()
        assert wire.last("refused")["topics"] == {topic: why}
        assert list(wire.last("subscribed")["topics"]) == ["demo/test_buses"]


async def test_a_thousand_topics_are_followed_and_too_many_are_refused(hub: Hub) -> None:
    cells = [f"demo/test_buses/512/{column}/{row}" for column in range(50) for row in range(50)]
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=cells[:1000])
        wire.say(t="subscribe", topics=cells[:1000])
        await settle()
        move(
            hub, *[(place + 1, 512.0 * (place // 50), 512.0 * (place % 50)) for place in range(900)]
        )
        await settle()
        assert wire.count("full") == 1000
        assert wire.count("change") == 900
        wire.say(t="subscribe", topics=cells)
        await settle()
        assert len(wire.last("refused")["topics"]) == 2500 - session.MOST_TOPICS
        wire.say(t="unsubscribe", topics=cells)
        assert len(wire.session.outbox) == 1, "the names alone"


async def test_nothing_is_kept_of_topics_nobody_follows(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with screen(hub) as wire:
        wire.say(t="subscribe", topics=["demo/test_buses", "demo/test_buses/512/0/0"])
        await settle()
    soon = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: soon)
    hub.sweep()
    assert hub._topics == {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"hello",
        msgpack.packb({}),
        msgpack.packb({"t": "shout"}),
        msgpack.packb({"t": "ack", "n": -1}),
        msgpack.packb({"t": "ack", "n": "1"}),
        msgpack.packb({"t": "subscribe", "topics": "demo/test_buses"}),
        msgpack.packb({"t": "subscribe", "topics": [1]}),
        msgpack.packb({"t": "subscribe", "topics": ["x" * 300]}),
        msgpack.packb({"t": "subscribe", "topics": ["a"] * 5000}),
        msgpack.packb({"t": "subscribe", "topics": [], "resume": {"epoch": 1, "seq": {}}}),
        b"\x91" * 5000,
    ],
)
async def test_garbage_is_not_understood(hub: Hub, data: bytes) -> None:
    wire = Wire(hub)
    with pytest.raises(Unreadable):
        wire.session.hear(data)


async def test_more_acknowledged_than_sent_is_refused(hub: Hub) -> None:
    wire = Wire(hub)
    with pytest.raises(Closed) as closed:
        wire.say(t="ack", n=99)
    assert closed.value.code == Close.BAD_WORD


async def test_who_talks_too_much_is_cut_off(hub: Hub) -> None:
    wire = Wire(hub)

    def talk() -> None:
        for _ in range(1000):
            wire.say(t="unsubscribe", topics=[])

    with pytest.raises(Closed) as closed:
        talk()
    assert closed.value.code == Close.TOO_MANY


async def test_a_silent_screen_is_given_up_even_when_it_takes_nothing_in(hub: Hub) -> None:
    async with screen(hub) as wire:
        wire.stuck.clear()
        wire.session.beat(time.monotonic() + session.SILENCE + 1, NOON)
        with pytest.raises(Closed) as closed:
            await asyncio.wait_for(wire.session.ended(), 5)
        assert closed.value.code == Close.SILENT


async def test_screens_are_told_when_the_log_is_lost(hub: Hub) -> None:
    async with screen(hub) as wire:
        wire.session.outbox.word(hub.feed(False))
        await settle()
        assert wire.last("feed")["up"] is False
    async with screen(hub) as later:
        assert later.last("hello")["fed"] is False


def test_a_reason_fits_a_close_frame() -> None:
    assert len(Closed(Close.BAD_WORD, "가" * 500).reason.encode()) <= 120
