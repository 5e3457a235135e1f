"""One log file a process, begun anew when it grows past a limit; the older ones get numbers."""

from __future__ import annotations

import contextlib
import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

ERROR = b'{"level": "error"'
QUIET_FOR = 60.0  # seconds in which the same error is not shown again


class Journal:
    """What one process says, line by line, in home/logs/NAME.log.

    `last` keeps its last lines for whoever explains why it ended; `show` gets each error in one line.
    """

    def __init__(
        self,
        path: Path,
        show: Callable[[str], None] = lambda text: None,
        limit: int = 10_000_000,
        kept: int = 4,
    ) -> None:
        self.path = path
        self.last: deque[str] = deque(maxlen=20)
        self.show = show
        self._shown: dict[str, float] = {}
        self._limit = limit
        self._kept = kept
        self._rest = b""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._size = self._file.tell()

    def write(self, data: bytes) -> None:
        """Take what came out of the process; a line may come in parts."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > 1_000_000:
            lines, self._rest = [*lines, self._rest], b""
        if lines:
            self._put(lines)

    def close(self) -> None:
        if self._rest:
            self._put([self._rest])
        self._file.close()

    def _put(self, lines: list[bytes]) -> None:
        block = b"\n".join(lines) + b"\n"
        if self._size and self._size + len(block) > self._limit:
            self._turn()
        with contextlib.suppress(OSError):  # a full disk must not stop what watches the processes
            self._file.write(block)
            self._size += len(block)
        for line in lines[-20:]:
            self.last.append(line.decode(errors="replace"))
        for line in lines:
            if line.startswith(ERROR):
                self._show_once(sentence(line.decode(errors="replace")))

    def _show_once(self, text: str) -> None:
        """Show an error, but not what was shown within the last minute: the file has them all."""
        now = time.monotonic()
        self._shown = {said: at for said, at in self._shown.items() if now - at < QUIET_FOR}
        if text not in self._shown:
            self._shown[text] = now
            self.show(text)

    def _turn(self) -> None:
        with contextlib.suppress(OSError):
            for number in range(self._kept - 1, 0, -1):
                older = self.path.with_name(f"{self.path.name}.{number}")
                if older.exists():
                    older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))
            self._file.close()
            self._file = self.path.open("ab", buffering=0)
            self._size = 0


def sentence(line: str) -> str:
    """A log line as a person reads it: the event of a structured line, else the line itself."""
    with contextlib.suppress(ValueError, AttributeError):
        said = json.loads(line)
        more = said.get("exception", "").strip().splitlines()
        event = str(said["event"]).partition("\n")[0]
        return f"{event}: {more[-1]}" if more else event
    return line.strip()
