"""The process `madang run recorder`."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket

import psycopg
import structlog
from django.conf import settings

from madang.ground.duty import Duty
from madang.ground.sensing.database import dsn
from madang.ground.sensing.recorder.recorder import Recorder, connect
from madang.ground.sensing.recorder.upkeep import keep_up

UPKEEP_EVERY = 3600.0
AFTER_TROUBLE = 30.0

log = structlog.get_logger()


async def main(duty: Duty) -> None:
    name = f"recorder-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    recorder = Recorder(name, settings.NATS_URL, dsn())
    work = [
        asyncio.create_task(recorder.work(duty.ready)),
        asyncio.create_task(keep_record(recorder.dsn)),
    ]
    stopped = asyncio.create_task(duty.stopped())
    done, _ = await asyncio.wait([*work, stopped], return_when=asyncio.FIRST_COMPLETED)
    for task in [*work, stopped]:
        task.cancel()
    await asyncio.wait([*work, stopped])
    for task in done - {stopped}:
        task.result()


async def keep_record(dsn: str) -> None:
    """Keep the record in shape, every hour, on a connection of its own. For ever."""
    while True:
        try:
            await asyncio.to_thread(_keep_up, dsn)
            await asyncio.sleep(UPKEEP_EVERY)
        except psycopg.Error as error:
            log.warning("the record's upkeep is put off", why=str(error).strip())
            await asyncio.sleep(AFTER_TROUBLE)


def _keep_up(dsn: str) -> None:
    with connect(dsn) as connection:
        keep_up(connection)
