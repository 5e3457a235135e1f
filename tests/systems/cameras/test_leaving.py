"""Who is said to have left a stream, while others come to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from madang.systems.cameras.live.showing import Showing, Viewer
from madang.systems.cameras.messages import WISHES, Wish, read_wishes

STREAM = (UUID(int=1), "main")


class Log:
    """What is said of wishes; `meanwhile` happens while a subscription ends."""

    def __init__(self) -> None:
        self.left: list[Wish] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def subscribe(self, subject: str, cb: Any) -> Log:
        return self

    async def unsubscribe(self) -> None:
        then, self.meanwhile = self.meanwhile, None
        if then is not None:
            await then()

    async def publish(self, subject: str, data: bytes, **words: Any) -> None:
        if subject == WISHES:
            self.left += read_wishes(data).left

    def new_inbox(self) -> str:
        return "inbox"


async def test_the_last_who_goes_is_said() -> None:
    log, viewer = Log(), Viewer()
    showing = Showing(log)
    await showing.join(STREAM, viewer)
    await showing.leave(STREAM, viewer)
    assert log.left == [Wish(*STREAM)]


async def test_a_stream_to_which_somebody_came_meanwhile_is_not_left() -> None:
    log, viewer = Log(), Viewer()
    showing = Showing(log)
    await showing.join(STREAM, viewer)

    async def come() -> None:
        await showing.join(STREAM, Viewer())

    log.meanwhile = come
    await showing.leave(STREAM, viewer)
    assert log.left == []
