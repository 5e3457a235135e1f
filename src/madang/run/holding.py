"""Who holds a home folder: one `madang up`, or one command at a time that starts the servers itself.

The hold is a lock on a file that every process of a run inherits, so it is let go only when the last
of them is gone: the remains of a killed run are waited for, then ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from madang.run.refusal import Refusal

PATIENCE_WITH_REMAINS = 20.0
WORTH_SAYING = 0.5


class HeldError(Exception):
    """A running `madang up` holds the folder."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(f"process {holder.pid} ({holder.what}) holds this folder")
        self.holder = holder


class RemainsError(Refusal):
    """Processes of a killed run hold the folder and do not end; the message names them."""


@dataclass(frozen=True)
class Holder:
    """The process that took the hold, and what it does: "up", "run NAME" or a command."""

    pid: int
    birth: str
    what: str

    def lives(self) -> bool:
        return self.pid > 0 and birth(self.pid) == self.birth

    def serves(self) -> bool:
        """Whether it keeps the servers running for others to use."""
        return self.what == "up" or self.what.startswith("run ")


NOBODY = Holder(0, "", "")


def hold(home: Path, what: str, say: Callable[[str], None] = lambda text: None) -> int:
    """Take the hold and return the locked file's number, to be inherited by the run's processes.

    Raises HeldError at once when a living process serves this folder; waits for anybody else.
    """
    path = _file(home)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(home, number, say)
    except BaseException:
        os.close(number)
        raise
    me = Holder(os.getpid(), birth(os.getpid()), what)
    os.ftruncate(number, 0)
    os.pwrite(number, json.dumps(asdict(me)).encode(), 0)
    return number


def holder(home: Path) -> Holder:
    """The living process that holds home, else NOBODY."""
    try:
        number = os.open(_file(home), os.O_RDONLY)
    except FileNotFoundError:
        return NOBODY
    try:
        if _lock(number):
            return NOBODY
        found = _read(number)
        return found if found.lives() else NOBODY
    finally:
        os.close(number)


def birth(pid: int) -> str:
    """When a process began, in the kernel's ticks, so that another with its number is told apart."""
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def _wait(home: Path, number: int, say: Callable[[str], None]) -> None:
    began = time.monotonic()
    said: bool | None = None
    while not _lock(number):
        found = _read(number)
        if found.lives() and found.serves():
            raise HeldError(found)
        if found.lives() != said and time.monotonic() - began > WORTH_SAYING:
            said = found.lives()
            say(_waiting_for(found))
        if not found.lives():
            _end_remains(home, time.monotonic() - began)
        time.sleep(0.1)


def _waiting_for(found: Holder) -> str:
    if found.lives():
        return f"waiting for `madang {found.what}` (process {found.pid}) to finish …"
    return "waiting for the processes of a killed run to end …"


def _end_remains(home: Path, waited: float) -> None:
    """Kill what is left of a killed run when it had time enough, and give up when that fails."""
    if waited > 2 * PATIENCE_WITH_REMAINS:
        pids = ", ".join(map(str, _keepers(home))) or "of another user"
        raise RemainsError(f"Processes of a killed run do not end: {pids}. End them and try again.")
    if waited > PATIENCE_WITH_REMAINS:
        for pid in _keepers(home):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _keepers(home: Path) -> list[int]:
    """The other processes that have the lock's file open."""
    wanted = _file(home).stat()
    found = []
    for folder in Path("/proc").glob("[0-9]*/fd"):
        pid = int(folder.parent.name)
        with contextlib.suppress(OSError):
            if pid != os.getpid() and any(_same(link, wanted) for link in folder.iterdir()):
                found.append(pid)
    return found


def _same(link: Path, wanted: os.stat_result) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(link.stat(), wanted)
    return False


def _lock(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(number: int) -> Holder:
    with contextlib.suppress(ValueError, TypeError):
        return Holder(**json.loads(os.pread(number, 4096, 0)))
    return NOBODY


def _file(home: Path) -> Path:
    return home / "run" / "lock"
