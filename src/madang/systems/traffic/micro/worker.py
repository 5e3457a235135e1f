"""The process `madang run twin`: microscopic windows of the city's traffic, asked over NATS.

It holds nothing until somebody opens a window. Each window is a SUMO of its own, which ends when its
window does, when nobody looks any more, and when this process ends, however it ends.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from nats.aio.msg import Msg

from madang.ground.bus.connecting import connect
from madang.ground.city.models import City
from madang.ground.duty import Duty
from madang.systems.traffic.micro.messages import SUBJECT, Answer, Open, Refused, encode, questions
from madang.systems.traffic.micro.refusal import WindowRefusal
from madang.systems.traffic.micro.windows import Windows

if TYPE_CHECKING:
    from madang.systems.traffic.micro.opening import Prepared

log = structlog.get_logger(__name__)


def prepared(wish: Open, folder: Path, seed: int) -> Prepared:
    """The window that somebody wishes for, from what the store knows now."""
    from madang.systems.traffic.micro.opening import prepare

    close_old_connections()
    try:
        city = City.objects.get(pk=wish.city)
        now = datetime.now(UTC)
        return prepare(city, wish.lon, wish.lat, now, folder, seed, wish.emergency)
    except (DatabaseError, City.DoesNotExist) as error:
        raise WindowRefusal("store-away") from error
    finally:
        connection.close()


async def main(duty: Duty) -> None:
    windows = Windows(prepared, settings.TRAFFIC_WINDOWS)
    bus = await connect(settings.NATS_URL, "twin")
    tasks: set[asyncio.Task[None]] = set()

    async def heard(message: Msg) -> None:
        task = asyncio.create_task(_respond(windows, message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    await bus.subscribe(SUBJECT, cb=heard)
    await bus.flush()
    duty.ready()
    await duty.stopped()
    await windows.close()
    await bus.close()


async def _respond(windows: Windows, message: Msg) -> None:
    try:
        said: Answer = await windows.answer(questions.decode(message.data))
    except msgspec.MsgspecError as error:
        said = Refused(code="unreadable", words={"detail": str(error)})
    await message.respond(encode(said))
