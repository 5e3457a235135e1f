"""The process `madang run climate`: the city's surfaces and open plans in memory, asked over NATS.

It holds nothing until somebody asks, so that a city without surfaces costs a Python and no more. What
people draw are rows of the store before this process hears of them: when it dies nothing is lost.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import msgspec
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from nats.aio.msg import Msg

from madang.ground.bus.connecting import connect
from madang.ground.duty import Duty
from madang.systems.climate.answering import answer
from madang.systems.climate.held import Held
from madang.systems.climate.messages import SUBJECT, Answer, Refused, encode, questions

log = structlog.get_logger(__name__)
MOST_WAITING = 64  # questions; who asks beyond that is told to come again


class Studio:
    """Answers questions one after the other, in the order they came."""

    def __init__(self) -> None:
        self._held = Held()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="climate")
        self._waiting = 0

    async def hear(self, message: Msg) -> None:
        if self._waiting >= MOST_WAITING:
            await message.respond(encode(Refused(code="busy", words={})))
            return
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            said = await loop.run_in_executor(self._thread, self._answered, message.data)
            await message.respond(said)
        finally:
            self._waiting -= 1

    def _answered(self, data: bytes) -> bytes:
        try:
            return encode(self._answer(data))
        finally:
            connection.close()

    def _answer(self, data: bytes) -> Answer:
        try:
            return answer(self._held, questions.decode(data))
        except msgspec.MsgspecError as error:
            return Refused(code="unreadable", words={"detail": str(error)})
        except (DatabaseError, MemoryError) as error:
            log.warning("climate.cannot", error=f"{type(error).__name__}: {error}")
            self._held = Held()
            return Refused(code="busy", words={})

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


async def main(duty: Duty) -> None:
    studio = Studio()
    bus = await connect(settings.NATS_URL, "climate")
    tasks: set[asyncio.Task[None]] = set()

    async def heard(message: Msg) -> None:
        task = asyncio.create_task(studio.hear(message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    await bus.subscribe(SUBJECT, cb=heard)
    await bus.flush()
    duty.ready()
    await duty.stopped()
    studio.close()
    await bus.close()
