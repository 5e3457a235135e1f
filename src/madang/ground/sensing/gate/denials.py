"""What NATS denied: a device that published on a topic that is not its own.

By MQTT's rules NATS acknowledges such a message and drops it, and says so nowhere but in its log. So
that log is read. Its place is kept in the record of a lane of its own, so that each denial is counted
once, whichever gate reads it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from madang.ground.sensing.gate.known import Known
from madang.ground.sensing.gate.said import Refused, Said

VIOLATION = re.compile(
    rb' - mid:\d+ - "([^"/]{1,40})/([^"]{1,64})" - Publish Violation .*Subject "([^"]*)"'
)
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Found:
    """What stood in the log up to through of the file with that number."""

    file: int
    through: int
    refused: Refused


def read_denials(path: Path, file: int, through: int, known: Known) -> Found:
    """The denials behind through of the file with that number, and behind it those of the log begun since.

    The log that grew too long is kept as path.1; what stands in it and was not read yet is read first.
    """
    older = path.with_name(f"{path.name}.1")
    if file and _number(path) != file and _number(older) == file:
        rest = _read(older, through, known)
        if rest.refused.piles:
            return rest
    number = _number(path)
    if not number:
        return Found(file, through, Refused())
    return _read(path, through if number == file else 0, known)


def _number(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _read(path: Path, through: int, known: Known) -> Found:
    with path.open("rb") as log:
        number = os.fstat(log.fileno()).st_ino
        log.seek(through)
        block = log.read(MOST_BYTES)
    whole = block[: block.rfind(b"\n") + 1]
    refused = Refused()
    for city, device, subject in VIOLATION.findall(whole):
        _add(refused, city.decode(), device.decode(), subject.decode(errors="replace"), known)
    return Found(number, through + len(whole), refused)


def _add(refused: Refused, city: str, device: str, subject: str, known: Known) -> None:
    number = known.numbers.get((city, device), 0)
    what = subject.rsplit(".", 1)[-1][:20]
    refused.add(Said(city, device, what, b""), number, "denied", f"topic {subject}")
