"""A screen that says what cannot be understood, or too much, is cut off."""

from __future__ import annotations

import msgpack
import pytest

from fixtures.wire import Wire
from madang.ground.live.closing import Close, Closed
from madang.ground.live.hub import Hub
from madang.ground.live.words import Unreadable


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
