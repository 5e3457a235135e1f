"""What is recorded reaches every reader once: slow ones, and those who come back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fixtures.wire import NEWS, NOON, Wire, move, screen, settle
from madang.ground.live import outbox
from madang.ground.live.closing import Close, Closed
from madang.ground.live.hub import Hub
from madang.ground.live.kinds import Record


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
