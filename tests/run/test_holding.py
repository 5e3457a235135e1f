"""One run at a time holds a home folder, until the last of its processes is gone."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from madang.run import holding


def test_a_serving_holder_refuses_the_next(tmp_path: Path) -> None:
    first = holding.hold(tmp_path, "up")
    with pytest.raises(holding.HeldError, match=str(os.getpid())):
        holding.hold(tmp_path, "up")
    os.close(first)
    os.close(holding.hold(tmp_path, "up"))


def test_a_command_is_waited_for(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_A_SECOND, str(tmp_path), "manage"], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    said: list[str] = []
    os.close(holding.hold(tmp_path, "up", said.append))
    holder.communicate()
    assert said == [f"waiting for `madang manage` (process {holder.pid}) to finish …"]


def test_what_a_killed_run_left_is_waited_for(tmp_path: Path) -> None:
    """The lock outlives its holder while a process that inherited it lives."""
    holder = subprocess.Popen(
        [sys.executable, "-c", LEAVE_A_CHILD, str(tmp_path)], stdout=subprocess.PIPE
    )
    holder.communicate()
    began = time.monotonic()
    os.close(holding.hold(tmp_path, "up"))
    assert time.monotonic() - began > 0.3


def test_what_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "PATIENCE_WITH_REMAINS", 0.2)
    subprocess.run(
        [sys.executable, "-c", LEAVE_A_CHILD.replace("sleep(1)", "sleep(60)"), str(tmp_path)],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    os.close(holding.hold(tmp_path, "up"))


def test_nobody_holds_a_folder_that_was_let_go(tmp_path: Path) -> None:
    assert holding.holder(tmp_path) == holding.NOBODY
    lock = holding.hold(tmp_path, "up")
    assert holding.holder(tmp_path).pid == os.getpid()
    os.close(lock)
    assert holding.holder(tmp_path) == holding.NOBODY


HOLD_A_SECOND = """
import sys, time
from pathlib import Path
from madang.run.holding import hold
hold(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
time.sleep(1)
"""

LEAVE_A_CHILD = """
import os, sys, time
from pathlib import Path
from madang.run.holding import hold
hold(Path(sys.argv[1]), "up")
if os.fork() == 0:
    os.close(1)
    time.sleep(1)
    os._exit(0)
os._exit(0)
"""
