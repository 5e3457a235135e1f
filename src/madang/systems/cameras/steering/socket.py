"""The WebSocket `/live/cameras/<camera>/steer`: whose hand is on a camera, and what that hand wishes.

The page says `{"do": "take"}`, and then `move` with shares of full speed several times a second while a key
is held, `stop`, `home`, `preset` and `keep` with a word, `centre` with a place of the picture, `free`.
To the page: `may` (whether it may steer, else why not), `hand` (whose hand it is), `mine`, `lost` (why it
is not any more), `at` (where the camera looks), `presets`, `said` (why something was not done).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from itertools import chain, repeat
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import override
from starlette.websockets import WebSocket, WebSocketDisconnect

from madang.ground.live.closing import Closed
from madang.ground.people.public import RightsBook
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import Pass
from madang.systems.cameras.live.wall import until_first
from madang.systems.cameras.models import LetGo, SteeringSession
from madang.systems.cameras.steering import door, hand
from madang.systems.cameras.steering.words import (
    Do,
    Hand,
    Heard,
    Steer,
    as_json,
    encode,
    read_heard,
    told_of,
    wish_of,
)

PULSE = 2.0  # seconds between two words that the page is there
ANSWER_WITHIN = 8.0  # … for a camera that is asked for the first time
LOOK_AGAIN = (1.0, 2.0, 5.0, 10.0)  # … until it is asked again where a head stands
MOST_ASKED = 3  # moves that may be on their way at once; more are left out
MOST_WAITING = 64


class Says(msgspec.Struct):
    """What a page says."""

    do: Literal["take", "free", "look", "move", "stop", "home", "preset", "centre", "keep"]
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    word: str = ""


read_says = msgspec.json.Decoder(Says).decode
read_hand = msgspec.json.Decoder(Hand).decode
Ask = Callable[[Callable[[], Any]], Awaitable[Any]]


class Watch(Protocol):
    """Who ends a hand when its right does."""

    def watch(self, seen: Pass) -> asyncio.Future[Closed]: ...
    def forget(self, end: asyncio.Future[Closed]) -> None: ...


class Steering:
    """One page beside one camera."""

    def __init__(
        self, socket: WebSocket, seen: Pass, nats: Any, ask: Ask, watch: Watch, book: RightsBook,
        address: str, language: str,
    ) -> None:  # fmt: skip
        self._socket, self._seen, self._nats, self._ask = socket, seen, nats, ask
        self._watch, self._book = watch, book
        self._address, self._language = address, language
        self._camera = seen.camera
        self._session: SteeringSession | None = None
        self._right: asyncio.Future[Closed] | None = None
        self._moved = 0.0
        self._moved_at: datetime | None = None
        self._idle_after = 120
        self._asked = 0
        self._out: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._tasks: set[asyncio.Task[None]] = set()

    async def go_on(self) -> None:
        """Until the page is gone."""
        told = await self._nats.subscribe(told_of(self._camera), cb=self._told)
        try:
            await self._greet()
            await until_first(self._send_on(), self._hear_on(), self._keep_on())
        finally:
            with contextlib.suppress(Exception):
                await told.unsubscribe()

    async def end(self) -> None:
        """The page is gone: its hand leaves the camera, which stops."""
        await self._let_go(LetGo.LOST)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _greet(self) -> None:
        question = partial(door.refusal, self._seen, self._book, self._language)
        why = await self._ask(question)
        self._say({"t": "may", "steer": not why, "why": why})
        held = await self._ask(partial(hand.open_session, self._camera))
        self._put(as_json(_hand(held) if held else Hand()))
        self._spawn(self._look())

    async def _look(self) -> None:
        """Ask where the head stands until it is known: whoever has just taken the camera over, or its device,
        may not answer yet."""
        said = ""
        for pause in chain(LOOK_AGAIN, repeat(LOOK_AGAIN[-1])):
            heard = await self._wish("look")
            if heard.why != said:
                said = heard.why
                self._say({"t": "said", "why": said})
            if not said:
                presets = msgspec.to_builtins(heard.presets or [])
                self._say({"t": "presets", "presets": presets})
                return
            await asyncio.sleep(pause)

    async def _hear_on(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"], message.get("reason"))
            try:
                says = read_says(message.get("text") or message.get("bytes") or b"")
            except msgspec.DecodeError:
                raise Closed(Close.BAD_WORD, "a hand takes, moves and lets go") from None
            await self._heard(says)

    async def _heard(self, says: Says) -> None:
        if says.do == "take":
            await self._take()
        elif says.do == "look":
            self._spawn(self._look())
        elif self._session is None:
            self._refuse(_("Your hand is not on this camera any more."))
        elif says.do == "free":
            await self._let_go(LetGo.RELEASED)
        elif says.do == "move":
            self._note_move()
            if self._asked < MOST_ASKED:
                self._spawn(self._carry("move", says))
        else:
            self._note_move()
            self._spawn(self._carry(says.do, says))

    def _note_move(self) -> None:
        self._moved, self._moved_at = time.monotonic(), datetime.now(UTC)

    async def _take(self) -> None:
        question = partial(door.take, self._seen, self._book, self._address, self._language)
        try:
            steers, taken = await self._ask(question)
        except CameraError as error:
            self._say({"t": "said", "why": str(error)})
            return
        self._drop_right()
        self._session, self._moved = taken.session, time.monotonic()
        self._idle_after = await self._ask(partial(door.idle_seconds, self._camera))
        self._right = self._watch.watch(steers)
        self._right.add_done_callback(self._right_ended)
        self._say({"t": "mine", "session": str(self._session.pk)})
        before = str(taken.before.pk) if taken.before else ""
        held = await self._ask(partial(hand.open_session, self._camera))
        if held is not None:
            await self._publish(_hand(held, before, "taken" if before else ""))
        self._spawn(self._carry("stop", Says("stop")))  # what the one before left turning

    def _right_ended(self, end: asyncio.Future[Closed]) -> None:
        if not end.cancelled() and self._session is not None:
            restarts = end.result().code == Close.RESTART
            self._spawn(self._let_go(LetGo.LOST if restarts else LetGo.RIGHT))

    async def _carry(self, do: Do, says: Says) -> None:
        self._asked += 1
        try:
            heard = await self._wish(do, says)
        finally:
            self._asked -= 1
        if heard.why:
            self._say({"t": "said", "why": heard.why})
        elif do == "preset" and self._session is not None:
            await self._ask(partial(hand.note_preset, self._session.pk, says.word))
        elif do == "keep":
            await self._look()

    async def _wish(self, do: Do, says: Says | None = None) -> Heard:
        session = self._session.pk if self._session else None
        wish = Steer(self._camera, session, do, language=self._language)
        if says is not None:
            wish = msgspec.structs.replace(
                wish, pan=says.x, tilt=says.y, zoom=says.z, word=says.word[:100]
            )
        try:
            answer = await self._nats.request(
                wish_of(self._camera), encode(wish), timeout=ANSWER_WITHIN
            )
        except Exception:  # nobody hears, or NATS is away
            with override(self._language):
                return Heard(why=_("The camera's process does not answer. Try again."))
        return read_heard(answer.data)

    async def _let_go(self, why: LetGo) -> None:
        session, self._session = self._session, None
        self._drop_right()
        if session is None:
            return
        wish = Steer(self._camera, session.pk, "end", language=self._language)
        with contextlib.suppress(Exception):
            await self._nats.publish(wish_of(self._camera), encode(wish))
        if await self._ask(partial(hand.end, session, why)):
            await self._publish(Hand(before=str(session.pk), why=why))

    def _drop_right(self) -> None:
        if self._right is not None:
            self._watch.forget(self._right)
            self._right.cancel()
            self._right = None

    async def _keep_on(self) -> None:
        """Say that the page is there; find out that the hand is not on the camera any more."""
        while True:
            await asyncio.sleep(PULSE)
            session = self._session
            if session is None:
                continue
            if time.monotonic() - self._moved > self._idle_after:
                await self._let_go(LetGo.IDLE)
                continue
            moved, self._moved_at = self._moved_at, None
            if not await self._ask(partial(hand.keep, session.pk, moved)):
                self._lose(session.pk)

    async def _told(self, message: Any) -> None:
        """A word that every viewer may hear."""
        if message.data.startswith(b'{"t":"hand"'):
            word = read_hand(message.data)
            if word.before and self._session and word.before == str(self._session.pk):
                self._lose(self._session.pk)
        self._put(message.data)

    def _lose(self, session: UUID) -> None:
        if self._session is not None and self._session.pk == session:
            self._session = None
            self._drop_right()
            self._say({"t": "lost", "session": str(session)})

    async def _publish(self, word: Hand) -> None:
        with contextlib.suppress(Exception):  # NATS is away: the others find out by the database
            await self._nats.publish(told_of(self._camera), as_json(word))

    def _refuse(self, why: str) -> None:
        with override(self._language):
            self._say({"t": "said", "why": why})

    def _say(self, word: dict[str, Any]) -> None:
        self._put(as_json(word))

    def _put(self, data: bytes) -> None:
        """To the page; one that does not keep up misses where the camera looked in between."""
        if self._out.full() and data.startswith(b'{"t":"at"'):
            return
        with contextlib.suppress(asyncio.QueueFull):
            self._out.put_nowait(data)

    async def _send_on(self) -> None:
        while True:
            await self._socket.send_text((await self._out.get()).decode())

    def _spawn(self, duty: Any) -> None:
        task = asyncio.create_task(duty)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _hand(held: SteeringSession, before: str = "", why: str = "") -> Hand:
    since = held.began.astimezone(UTC).isoformat()
    who = str(held.account)
    return Hand(session=str(held.pk), who=who, since=since, rank=held.rank, before=before, why=why)
