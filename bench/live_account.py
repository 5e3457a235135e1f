"""The account of the demo city: everything its devices said, while everything that can die dies.

The whole platform runs with the demo's own devices. Every fault is brought in turn: processes killed
with signal 9, PostgreSQL restarted, a full disk, a flood of ten times what the city usually says, clocks
that jump (those of devices and the platform's own), words said twice and out of order, and one of two
gates and of two recorders killed. Then the devices fall silent, and what was acknowledged to them is
compared with what stands in the record and in quarantine, by kind.

    python -m bench.live_account --minutes 10
    python -m bench.live_account --scale 0.05 --minutes 0 --faults kill_gate,kill_nats
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.base import Running, remove, up
from bench.report import figure, heading
from bench.wrong_clock import NoCompiler, WrongClock

MINUTES, SCALE, SEED = 2.0, 1.0, 4
SHORTEST = 20.0  # seconds of a story
SPEAKING = 20.0  # seconds, at most, until the devices are connected and speak
STEADY = 20.0  # seconds of peace at the end, at most, so that what was held back is said
PATIENCE = 240.0
RECORD = {
    "positions": "sensing_position",
    "readings": "sensing_reading",
    "states": "sensing_state",
    "counts": "sensing_count",
}
FULL_DISK = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON sensing_batch EXECUTE FUNCTION no_room();
"""
AILMENTS = """
[[event]]
after = {begin}
kind = "clock"
device = "*1"
value = 7200.5
seconds = {long}

[[event]]
after = {begin}
kind = "clock"
device = "*2"
value = -90.25
seconds = {long}

[[event]]
after = {begin}
kind = "stutter"
device = "*3"
seconds = {long}

[[event]]
after = {flood}
kind = "babble"
device = "*4"
value = {times}
seconds = {short}
"""


@dataclass
class Story:
    """A platform in trouble, and how to bring it there."""

    home: Path
    running: Running
    clock: WrongClock | None
    pause: float

    def kill(self, name: str) -> None:
        """Signal 9 to the first process of that name; the supervisor starts another."""
        before = self._child(name)["pid"]
        os.kill(before, signal.SIGKILL)
        self.until(
            lambda: (
                self._child(name)["pid"] not in (0, before)
                and self._child(name)["state"] == "ready"
            ),
            f"another {name}",
        )

    def kill_web(self) -> None:
        """Both die, and pages come back."""
        for number in (1, 2):
            os.kill(self._child("web", number)["pid"], signal.SIGKILL)
        self.until(self._answers, "a page after both web processes died")

    def restart_postgres(self) -> None:
        self.kill("postgres")
        self.until(self._answers, "a page after PostgreSQL was killed")

    def fill_the_disk(self) -> None:
        """The recorder may write nothing for a while."""
        self.do(FULL_DISK)
        time.sleep(max(self.pause / 2, 2))
        self.do("DROP TRIGGER no_room ON sensing_batch; DROP FUNCTION no_room")

    def clocks_jump(self) -> None:
        """The platform's wall clock is an hour fast, then an hour slow, then right again."""
        if self.clock is None:
            print("  (no C compiler here: only the devices' clocks jump)")
            return
        for seconds in (3600, -3600, 0):
            self.clock.set(seconds)
            time.sleep(max(self.pause / 3, 2))

    def kill_one_of_two(self) -> None:
        """A second gate and a second recorder come, share the work, and die."""
        others = [self.start("gate"), self.start("recorder")]
        time.sleep(6)
        for other in others:
            other.kill()
            other.wait()

    def start(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        """One more process of the platform, beside those of the supervisor."""
        env = {**os.environ, "MADANG_HOME": str(self.home), "MADANG_DEMO": "false", **environment}
        with (self.home / "logs" / f"another-{name}.log").open("ab") as log:
            words = [sys.executable, "-m", "madang", "run", name]
            return subprocess.Popen(words, env=env, stdout=log, stderr=log)

    def do(self, statement: str) -> None:
        with self._connection() as connection:
            connection.execute(statement)

    def one(self, statement: str, *words: object) -> int:
        with self._connection() as connection:
            row = connection.execute(statement, words).fetchone()
        return int(row[0]) if row else 0

    def until(self, check: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not check():
            if time.monotonic() > end:
                raise SystemExit(f"waited in vain for {what}")
            time.sleep(0.2)

    def _connection(self) -> psycopg.Connection[Any]:
        from madang.run import postgres

        url = postgres.url(self.home, postgres.SUPERUSER)
        return psycopg.connect(url, autocommit=True)

    def _child(self, name: str, number: int | None = None) -> dict[str, Any]:
        return next(
            child
            for child in self.running.children()
            if child["name"] == name and number in (None, child["number"])
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.running.address}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


FAULTS: dict[str, Callable[[Story], None]] = {
    "kill_gate": lambda story: story.kill("gate"),
    "kill_recorder": lambda story: story.kill("recorder"),
    "kill_nats": lambda story: story.kill("nats"),
    "kill_web": Story.kill_web,
    "restart_postgres": Story.restart_postgres,
    "fill_the_disk": Story.fill_the_disk,
    "clocks_jump": Story.clocks_jump,
    "kill_one_of_two": Story.kill_one_of_two,
}


@dataclass(frozen=True)
class Line:
    """The account of one kind.

    unsure: facts said once more, which quarantine counts again where they were not believed, and facts
    whose acknowledgement had not come when the devices fell silent.
    """

    what: str
    sent: int
    recorded: int
    quarantined: int
    unsure: int

    @property
    def even(self) -> bool:
        return 0 <= self.recorded + self.quarantined - self.sent <= self.unsure


def main() -> None:
    asked = _asked()
    heading("the account of the demo city", **{**vars(asked), "faults": ",".join(asked.faults)})
    home = Path(tempfile.mkdtemp(prefix="madang-bench-"))
    home.chmod(0o755)  # PostgreSQL, as another user, loads the clock from it
    random.seed(SEED)
    try:
        clock = _clock(home)
        with up(home, environment=clock.environment if clock else {}) as running:
            lines = _tell(Story(home, running, clock, 0.0), asked)
    finally:
        remove(home)
    if not all(line.even for line in lines):
        raise SystemExit("the account is uneven")


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--minutes", type=float, default=MINUTES)
    words.add_argument("--scale", type=float, default=SCALE)
    words.add_argument("--faults", type=lambda text: text.split(","), default=list(FAULTS))
    return words.parse_args()


def _clock(home: Path) -> WrongClock | None:
    try:
        return WrongClock(home)
    except NoCompiler as none:
        print(none)
        return None


def _tell(story: Story, asked: argparse.Namespace) -> list[Line]:
    _make_city(story, asked.scale)
    began = time.monotonic()
    length = max(asked.minutes * 60, SHORTEST)
    speaking, steady = min(SPEAKING, length / 3), min(STEADY, length / 4)
    story.pause = (length - speaking - steady) / len(asked.faults) / 2
    with _world(story, _ailments(story, length, speaking)) as world:
        story.until(lambda: _speaking(story), "devices that speak")
        while True:
            for name in asked.faults:
                time.sleep(max(story.pause, 0))
                print(f"{time.monotonic() - began:6.0f} s  {name}", flush=True)
                FAULTS[name](story)
            if time.monotonic() - began > length - steady:
                break
        time.sleep(steady)
        sent = _silence(story, world)
    lines = _account(story, sent)
    _print(lines, sent)
    return lines


def _make_city(story: Story, scale: float) -> None:
    words = [sys.executable, "-m", "madang", "city", "demo", "--scale", str(scale)]
    env = {**os.environ, "MADANG_HOME": str(story.home)}
    subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)


def _ailments(story: Story, length: float, speaking: float) -> Path:
    """The scenario: clocks, stuttering, and a tenth of the devices saying a hundred times as much.

    So the city says ten times what it usually does.
    """
    part = length / 10
    path = story.home / "ailments.toml"
    path.write_text(
        AILMENTS.format(
            begin=speaking + part, long=3 * part, flood=speaking, times=100, short=min(part, 20)
        )
    )
    return path


@contextmanager
def _world(story: Story, scenario: Path) -> Iterator[subprocess.Popen[bytes]]:
    world = story.start(
        "world", MADANG_DEMO="true", MADANG_DEMO_SCENARIO=str(scenario), LD_PRELOAD=""
    )
    try:
        yield world
    finally:
        world.kill()
        world.wait()


def _speaking(story: Story) -> bool:
    """Whether nine of ten devices were heard."""
    devices = "FROM sensing_device WHERE credential_hash IS NOT NULL"
    heard = story.one("SELECT count(*) FROM sensing_health")
    return heard >= 0.9 * story.one(f"SELECT count(*) {devices}")


def _silence(story: Story, world: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Have the devices end; what they counted."""
    world.send_signal(signal.SIGTERM)
    world.wait(60)
    return _told(story)


def _told(story: Story) -> dict[str, Any]:
    """The devices' newest account of themselves."""
    log = story.home / "logs" / "another-world.log"
    lines = [line for line in log.read_text().splitlines() if "the demo's devices" in line]
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _account(story: Story, told: dict[str, Any]) -> list[Line]:
    """What became of what was sent, as soon as it is even or nothing comes any more."""
    lines: list[Line] = []

    def settled() -> bool:
        before, lines[:] = list(lines), [_line(story, told, what) for what in RECORD]
        if all(line.even for line in lines):
            return True
        time.sleep(5)
        return before == lines

    story.until(settled, "the account")
    return lines


def _line(story: Story, told: dict[str, Any], what: str) -> Line:
    recorded = story.one(f"SELECT count(*) FROM {RECORD[what]}")
    quarantined = story.one(
        "SELECT coalesce(sum(facts), 0) FROM sensing_quarantine WHERE what = %s", what
    )
    unsure = told["again"].get(what, 0) + told["in_flight"].get(what, 0)
    return Line(what, told["sent"].get(what, 0), recorded, quarantined, unsure)


def _print(lines: list[Line], told: dict[str, Any]) -> None:
    print(
        "| kind | sent | recorded | quarantined | recorded + quarantined − sent | perhaps twice |"
    )
    print("|---|---|---|---|---|---|")
    for line in lines:
        rest = line.recorded + line.quarantined - line.sent
        print(
            f"| {line.what} | {line.sent:,} | {line.recorded:,} | {line.quarantined:,} | {rest} "
            f"| {line.unsure:,} |"
        )
    for line in lines:
        share = (line.recorded + line.quarantined) / max(line.sent, 1)
        figure(f"live.account {line.what}", line.sent, "facts sent", "found again", share)
    figure("live.account devices", told["devices"], "devices")
    figure("live.account forgotten for want of memory", told["forgotten"], "messages")
    figure("live.account unacknowledged at the end", told["waiting"], "messages")


if __name__ == "__main__":
    main()
