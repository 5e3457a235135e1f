"""What a screen may follow, and what happens when it may no longer."""

from __future__ import annotations

import time

import pytest

from fixtures.wire import NEWS, PLACE, move, screen, settle
from madang.ground.live import session
from madang.ground.live.hub import Hub
from madang.ground.live.kinds import Record


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
