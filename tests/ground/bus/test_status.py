"""What processes say of how they are, as pages read it."""

from __future__ import annotations

import asyncio

from fixtures.nats import TestNats
from madang.ground.bus.log import Log
from madang.ground.bus.status import read_statuses, say_status


def test_processes_of_a_kind_are_found_by_their_newest_word(own_nats: TestNats) -> None:
    asyncio.run(_say(own_nats.url))
    found = read_statuses(own_nats.url, "recorder", patience=10)
    assert found == {"recorder-a_example-1": {"why": "full"}, "recorder-b-2": {"why": ""}}
    assert read_statuses(own_nats.url, "twin", patience=10) == {}


async def _say(url: str) -> None:
    log = await Log.connect(url, "test")
    for process, why in (
        ("recorder-a.example-1", ""),
        ("recorder-a.example-1", "full"),
        ("recorder-b-2", ""),
        ("recorders-c-3", ""),
    ):
        await say_status(log, process, {"why": why})
    await log.close()


def test_nobody_is_found_where_nobody_has_said_anything(own_nats: TestNats) -> None:
    assert read_statuses(own_nats.url, "recorder", patience=10) == {}
