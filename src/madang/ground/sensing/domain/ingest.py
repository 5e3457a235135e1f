"""What gateways bring over HTTP: judged as the gate judges it, and put on the log before the answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from madang.ground.bus.log import Log, LogError
from madang.ground.bus.messages import Batch, now_ms
from madang.ground.sensing.gate.judge import Judge
from madang.ground.sensing.gate.known import DeviceName, Known, read_known
from madang.ground.sensing.gate.said import Said
from madang.ground.sensing.messages import Quarantined

KNOWN_FOR = 5.0  # seconds; a credential that ended a moment ago may still count so long
PATIENCE = 10.0


class NotAdmitted(Exception):
    """The bearer is no device of this city, or its credential is another one."""


class MayNotSpeakFor(Exception):
    """The gateway brings words of a device that is not behind it; the message names it."""


@dataclass(frozen=True)
class Brought:
    """What became of what was brought: facts on the log, facts quarantined by device and reason."""

    taken: int
    refused: list[tuple[str, str, int]]


class Ingest:
    """Takes what gateways bring. One of a process; it remembers what it knows for a few seconds."""

    def __init__(self, source: str) -> None:
        self._judge: Judge | None = None
        self._source = source
        self._read = 0.0
        self._lock = threading.Lock()

    def take(self, city: str, gateway: str, credential: str, said: Sequence[Said]) -> Brought:
        """Judge said and put it on the log; returns when it is there.

        NotAdmitted, MayNotSpeakFor: nothing was taken. LogError: the log did not take it all; bring it
        again, what is there already is not recorded twice.
        """
        with self._lock:
            judge = self._fresh()
            self._admit(judge.known, (city, gateway), credential, said)
            verdict = judge.judge(said, now_ms())
        asyncio.run(_publish(verdict.batches))
        return Brought(verdict.facts, _refused(verdict.batches))

    def _fresh(self) -> Judge:
        if self._judge is None or time.monotonic() - self._read > KNOWN_FOR:
            self._read = time.monotonic()
            known = read_known()
            if self._judge is None:
                self._judge = Judge(self._source, known)
            self._judge.known = known
        return self._judge

    def _admit(
        self, known: Known, gateway: DeviceName, credential: str, said: Sequence[Said]
    ) -> None:
        if not known.admits(gateway, credential):
            raise NotAdmitted
        for name in sorted({(one.city, one.device) for one in said}):
            behind = known.gateways.get(name)
            if name in known.numbers and name != gateway and behind != gateway:
                raise MayNotSpeakFor(name[1])


async def _publish(batches: Sequence[Batch]) -> None:
    if not batches:
        return
    try:
        async with asyncio.timeout(PATIENCE):
            log = await Log.connect(settings.NATS_URL, "ingest")  # tries for ever by itself
    except TimeoutError:
        raise LogError(f"NATS was not reached within {PATIENCE:.0f} s") from None
    try:
        for batch in batches:
            await log.publish(batch, patience=PATIENCE)
    finally:
        await log.close()


def _refused(batches: Sequence[Batch]) -> list[tuple[str, str, int]]:
    return [
        row
        for batch in batches
        if isinstance(batch, Quarantined)
        for row in zip(batch.key.rows(), batch.reason.rows(), batch.rows.tolist(), strict=True)
    ]
