"""A supervised child: started again with growing delays, stopped by force when it must be."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from madang.run import child as children
from madang.run.child import Child, Manner, Pipes, Reaper
from madang.run.journal import Journal
from madang.run.state import ChildState


@pytest.fixture
async def reaper() -> AsyncIterator[Reaper]:
    reaper = Reaper()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCHLD, reaper.reap)
    yield reaper
    loop.remove_signal_handler(signal.SIGCHLD)


def child(reaper: Reaper, folder: Path, program: str, **manner: float) -> Child:
    async def start(pipes: Pipes) -> int:
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(pipes.ready)],
            stdout=pipes.out,
            stderr=pipes.err,
            pass_fds=(pipes.ready,),
            start_new_session=True,
        )
        process.returncode = 0
        return process.pid

    how = Manner(start, patience=30, stop_within=manner.get("stop_within", 5))
    return Child(ChildState("one", 1), how, Journal(folder / "one.log"), reaper)


READY = "import os, sys, time; os.write(int(sys.argv[1]), b'ready'); "


async def test_is_ready_when_it_says_so(reaper: Reaper, tmp_path: Path) -> None:
    one = child(reaper, tmp_path, READY + "time.sleep(60)")
    keeper = asyncio.create_task(one.keep())
    await asyncio.wait_for(one.ready.wait(), 10)
    assert one.state.state == "ready"
    await one.stop()
    await asyncio.wait_for(keeper, 10)
    assert one.state.state == "stopped"


async def test_is_started_again_with_growing_delays(
    reaper: Reaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert children.DELAYS[0] <= 3
    assert children.DELAYS[-1] == 30
    assert sorted(children.DELAYS) == list(children.DELAYS)
    monkeypatch.setattr(children, "DELAYS", (0.0, 0.01, 0.02))
    one = child(reaper, tmp_path, "raise SystemExit('no room is free')")
    said: list[str] = []
    one.say = said.append
    keeper = asyncio.create_task(one.keep())
    while one.state.restarts < 4:
        await asyncio.sleep(0.02)
    keeper.cancel()
    assert said[0] == "one 1 ended with code 1: no room is free; starting it again in 0 s"
    assert [text.rpartition("again in ")[2] for text in said[1:4]] == ["0.01 s", "0.02 s", "0.02 s"]


async def test_a_healthy_while_begins_the_delays_anew(
    reaper: Reaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "DELAYS", (0.0, 60.0))
    monkeypatch.setattr(children, "HEALTHY_AFTER", 0.0)
    one = child(reaper, tmp_path, "")
    keeper = asyncio.create_task(one.keep())
    while one.state.restarts < 3:
        await asyncio.sleep(0.02)
    keeper.cancel()


async def test_is_ended_by_force_when_it_does_not_stop(reaper: Reaper, tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    one = child(reaper, tmp_path, deaf + READY + "time.sleep(60)", stop_within=0.3)
    keeper = asyncio.create_task(one.keep())
    await asyncio.wait_for(one.ready.wait(), 10)
    await one.stop()
    await asyncio.wait_for(keeper, 10)


async def test_what_it_left_running_is_ended_with_it(reaper: Reaper, tmp_path: Path) -> None:
    program = (
        "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True)"
    )
    one = child(reaper, tmp_path, program)
    await one.once()
    await asyncio.sleep(0.2)
    pid = one.journal.last[0]
    assert not Path(f"/proc/{pid}/exe").exists()


async def test_one_that_cannot_be_started_is_tried_again(reaper: Reaper, tmp_path: Path) -> None:
    async def start(pipes: Pipes) -> int:
        raise FileNotFoundError(2, "No such file or directory", "/no/server")

    one = Child(ChildState("one", 0), Manner(start, 1), Journal(tmp_path / "log"), reaper)
    assert await one.once() == 127
    assert "/no/server" in one.why()
