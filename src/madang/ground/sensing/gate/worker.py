"""The process `madang run gate`."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from pathlib import Path

from django.conf import settings

from madang.ground.duty import Duty
from madang.ground.sensing.database import dsn
from madang.ground.sensing.gate.doors import Doors
from madang.ground.sensing.gate.gate import Gate


async def main(duty: Duty) -> None:
    name = f"gate-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    gate = Gate(name, doors())
    async with gate.opened():
        work = asyncio.create_task(gate.work())
        duty.ready()
        stopped = asyncio.create_task(duty.stopped())
        await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if work.done():
            work.result()
        work.cancel()
        await asyncio.wait([work])


def doors() -> Doors:
    """Where this installation's gate finds everything."""
    return Doors(
        platform=settings.NATS_URL,
        devices=settings.NATS_DEVICES_URL,
        system=settings.NATS_SYSTEM_URL,
        callout_secret=settings.NATS_CALLOUT_SECRET,
        database=dsn(),
        nats_log=Path(settings.NATS_LOG) if settings.NATS_LOG else None,
    )
