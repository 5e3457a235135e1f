"""A wall clock that can be put wrong while processes run: theirs, not the machine's.

A C library of some lines stands before the C library's clock in every process that gets `environment`.
NATS, which is written in Go, asks the kernel itself and keeps the right time.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("wrong_clock.c")


class NoCompiler(RuntimeError):
    """This machine has no C compiler; the message says so."""


class WrongClock:
    """A clock that is right until it is set wrong. The folder must be one that every user may enter."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise NoCompiler("a clock cannot be put wrong without a C compiler (cc or gcc)")
        self._offset = folder / "wrong_by"
        library = folder / "wrong_clock.so"
        words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(words, check=True)
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "WRONG_CLOCK": str(self._offset)}

    def set(self, seconds: float) -> None:
        """Put the clock wrong by so many seconds from this moment on; 0 puts it right."""
        with self._offset.open("r+b" if self._offset.exists() else "wb") as file:
            file.write(struct.pack("q", round(seconds * 1e9)))
