"""SUMO's netconvert as a program of its own, bounded in time and memory."""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
from collections.abc import Sequence
from pathlib import Path

from madang.systems.traffic.sources.refusal import UnreadableError

LONGEST_S = 300
MOST_BYTES = 4 << 30
SAID = 600


def convert(arguments: Sequence[str], out: Path, *, longest_s: float = LONGEST_S) -> Path:
    """Run netconvert with these arguments into out; UnreadableError with its last words where it fails."""
    at = home()
    command = [str(at / "bin" / "netconvert"), *arguments, "--output-file", str(out)]
    command += ["--xml-validation", "never", "--no-warnings"]
    surroundings = {
        **os.environ,
        "SUMO_HOME": str(at),
        "PROJ_LIB": str(at / "data" / "proj"),
        "PROJ_DATA": str(at / "data" / "proj"),
    }
    with subprocess.Popen(
        command, env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:  # fmt: skip
        resource.prlimit(running.pid, resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        try:
            said, _ = running.communicate(timeout=longest_s)
        except subprocess.TimeoutExpired as late:
            running.kill()
            raise UnreadableError("conversion-too-slow", seconds=longest_s) from late
    if running.returncode or not out.exists():
        words = said.decode("utf-8", "replace").strip()[-SAID:]
        raise UnreadableError("conversion-failed", detail=words or f"exit {running.returncode}")
    return out


def home() -> Path:
    """Where the wheel eclipse-sumo lies; its package is not imported, for it changes PROJ's surroundings."""
    found = importlib.util.find_spec("sumo")
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise UnreadableError("no-sumo")
    return Path(places[0])
