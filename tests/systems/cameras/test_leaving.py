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
        self.wished: list[Wish] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def subscribe(self, subject: str, cb: Any) -> Log:
        return self

    async def unsubscribe(self) -> None:
        then, self.meanwhile = self.meanwhile, None
        if then is not None:
            await then()

    async def publish(self, subject: str, data: bytes, **words: Any) -> None:
        if subject == WISHES:
            said = read_wishes(data)
            self.left += said.left
            self.wished += said.wishes

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


async def test_a_page_on_its_way_wishes_once_and_keeps_a_stream_from_being_left() -> None:
    """Wished for each second, it would be pulled for ten seconds after whoever looked at it had left."""
    log, viewer = Log(), Viewer()
    showing = Showing(log)
    await showing.join(STREAM, viewer)
    await showing.soon(STREAM)
    await showing.leave(STREAM, viewer)
    assert log.left == []  # it is the page that is loaded again
    log.wished = []
    await showing.wish()
    assert log.wished == []


async def test_a_stream_that_was_wished_for_soon_is_left_once_its_viewer_came_and_went() -> None:
    log, viewer = Log(), Viewer()
    showing = Showing(log)
    await showing.soon(STREAM)
    await showing.join(STREAM, viewer)
    await showing.leave(STREAM, viewer)
    assert log.left == [Wish(*STREAM)]
