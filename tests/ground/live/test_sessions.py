"""One screen's connection without a socket: what it is sent, how fast, and when it is given up."""

from __future__ import annotations

import asyncio
import time

import pytest

from fixtures.wire import NOON, PLACE, move, screen, settle
from madang.ground.live import session
from madang.ground.live.closing import Close, Closed
from madang.ground.live.hub import Hub
from madang.ground.live.names import Name

pytestmark = pytest.mark.one_server


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
