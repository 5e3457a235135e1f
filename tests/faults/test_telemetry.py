"""What was acknowledged to a device is in the record exactly once and in order, whatever dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from bench.wrong_clock import NoCompiler, WrongClock
from websockets.asyncio.client import ClientConnection, connect

from faults.tellers import Siren, Teller, account, table
from faults.yard import Reporter, Yard, eventually
from fixtures.live_site import Screen
from fixtures.mqtt import Refused
from fixtures.nats import free_port

pytestmark = pytest.mark.fault

ROOT = Path(__file__).resolve().parents[2]
Fault = Callable[[Yard], Awaitable[None]]
FULL_DISK = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON sensing_batch EXECUTE FUNCTION no_room();
"""


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    yard = Yard(tmp_path_factory.mktemp("yard"))
    try:
        yard.open(devices=300)
        yield yard
    finally:
        yard.close()


async def kill_gate(yard: Yard) -> None:
    yard.kill(yard.running("gate")[0])
    await asyncio.sleep(1)
    yard.start("gate")


async def kill_recorder(yard: Yard) -> None:
    yard.kill(yard.running("recorder")[0])
    await asyncio.sleep(1)
    yard.start("recorder")


async def kill_nats(yard: Yard) -> None:
    yard.nats.kill()
    await asyncio.sleep(1)
    await asyncio.to_thread(yard.nats.start)


async def restart_postgres(yard: Yard) -> None:
    await asyncio.to_thread(yard.kill_postgres)
    await asyncio.sleep(2)
    await asyncio.to_thread(yard.start_postgres)


async def kill_one_of_two(yard: Yard) -> None:
    yard.start("gate")
    yard.start("recorder")
    await asyncio.sleep(6)
    for name in ("gate", "recorder"):
        yard.kill(yard.running(name)[0])
    await asyncio.sleep(4)


async def fill_the_disk(yard: Yard) -> None:
    """The recorder says why it waits, and goes on by itself once there is room."""
    heard = len(yard.said("recorder"))
    yard.do(FULL_DISK)
    try:
        await eventually(lambda: "disk is full" in yard.said("recorder")[heard:])
    finally:
        yard.do("DROP TRIGGER no_room ON sensing_batch; DROP FUNCTION no_room")
    await eventually(lambda: "the recorder goes on" in yard.said("recorder")[heard:])


FAULTS = [kill_gate, kill_recorder, kill_nats, restart_postgres, fill_the_disk, kill_one_of_two]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_what_was_acknowledged_is_recorded_once_and_in_order(
    yard: Yard, fault: Fault
) -> None:
    start_once(yard)
    reporters = yard.fresh(20)
    stop = asyncio.Event()
    reports = [asyncio.create_task(reporter.report(stop)) for reporter in reporters]
    await eventually(lambda: all(len(one.acknowledged) > 20 for one in reporters))
    await fault(yard)
    before = [len(one.acknowledged) for one in reporters]
    await eventually(
        lambda: all(
            len(one.acknowledged) > count + 20 for one, count in zip(reporters, before, strict=True)
        )
    )
    stop.set()
    await asyncio.gather(*reports)
    await recorded_exactly(yard, reporters)
    order = await yard.order_on_the_log()
    for reporter in reporters:
        assert order[reporter.number] == sorted(order[reporter.number])
    keys = [one.key for one in reporters]
    assert not yard.rows("SELECT reason, key FROM sensing_quarantine WHERE key = ANY(%s)", keys)


async def test_ten_times_the_usual_from_two_devices_costs_the_others_nothing(yard: Yard) -> None:
    """The two are counted, locked out and accounted for; nobody else is refused or slowed for good."""
    start_once(yard)
    reporters, sirens = yard.fresh(20), [Siren(yard, f"siren-{n}") for n in range(2)]
    stop = asyncio.Event()
    reports = [asyncio.create_task(reporter.report(stop)) for reporter in reporters]
    await eventually(lambda: all(len(one.acknowledged) > 20 for one in reporters))
    before = {one.key: len(one.acknowledged) for one in reporters}
    usual = sum(before.values())
    await asyncio.gather(*(siren.scream(5 * usual) for siren in sirens))
    await eventually(lambda: all(len(one.acknowledged) > before[one.key] + 20 for one in reporters))
    stop.set()
    await asyncio.gather(*reports)
    await recorded_exactly(yard, reporters)
    keys = [one.key for one in reporters]
    assert not yard.rows("SELECT reason, key FROM sensing_quarantine WHERE key = ANY(%s)", keys)
    for siren in sirens:
        with pytest.raises(Refused):
            await siren.connect()
        await eventually(lambda siren=siren: siren.taken <= siren.found() <= siren.said)  # type: ignore[misc]
        refused = yard.rows(
            "SELECT DISTINCT reason FROM sensing_quarantine WHERE key = %s AND what = 'states'",
            siren.key,
        )
        assert refused == [("too_many",)]


async def test_the_servers_own_clock_jumps(yard: Yard, tmp_path: Path) -> None:
    """An hour fast, an hour slow, right again: what seems to be of the future is counted, nothing is lost."""
    try:
        clock = WrongClock(tmp_path)
    except NoCompiler as none:
        pytest.skip(str(none))
    for name in ("gate", "recorder"):
        for one in yard.running(name):
            yard.kill(one)
        yard.start(name, **clock.environment)
    reporters = yard.fresh(10)
    stop = asyncio.Event()
    reports = [asyncio.create_task(reporter.report(stop)) for reporter in reporters]
    for seconds in (0, 3600, -3600, 0):
        clock.set(seconds)
        before = {one.key: len(one.acknowledged) for one in reporters}
        await eventually(lambda: all(len(o.acknowledged) > before[o.key] + 20 for o in reporters))  # noqa: B023
    stop.set()
    await asyncio.gather(*reports)
    await eventually(lambda: all(accounted(yard, one) for one in reporters))
    order = await yard.order_on_the_log()
    for reporter in reporters:
        assert order[reporter.number] == sorted(order[reporter.number])
        assert set(order[reporter.number]) < set(reporter.acknowledged), "some were of the future"
        assert reporter.acknowledged[-1] in order[reporter.number], "it is believed again"
    for name in ("gate", "recorder"):
        yard.kill(yard.running(name)[0])


def accounted(yard: Yard, reporter: Reporter) -> bool:
    """Whether what it said is in the record, or in quarantine as of the future."""
    (recorded,) = yard.recorded([reporter]).values()
    rows = yard.rows(
        "SELECT reason, sum(facts)::int FROM sensing_quarantine WHERE key = %s GROUP BY 1",
        reporter.key,
    )
    assert set(recorded) <= set(reporter.acknowledged)
    counted = dict(rows)
    assert counted.keys() <= {"future"}
    return len(recorded) + counted.get("future", 0) == len(reporter.acknowledged)


async def test_postgresql_is_restarted_under_screens(yard: Yard) -> None:
    """Screens go on seeing what moves; pages say so and come back; rights are looked at again."""
    start_once(yard)
    port = free_port()
    web = yard.start("web", MADANG_PORT=str(port))
    cookie = await asyncio.to_thread(yard.sign_in)
    await eventually(lambda: page(port, cookie) == 200)
    (reporter,) = yard.fresh(1)
    stop = asyncio.Event()
    report = asyncio.create_task(reporter.report(stop, pause=0.2))
    screen = Screen(await connect_screen(port, cookie))
    await screen.until("hello")
    await screen.say(t="subscribe", topics=["yard/devices"])
    await screen.until("change", lambda seen: reporter.number in seen.ids)
    await asyncio.to_thread(yard.kill_postgres)
    seen = len(screen.seen)
    assert page(port, cookie) in (500, 503)
    await eventually(lambda: moved(screen, seen, reporter.number), 30)
    await asyncio.to_thread(yard.start_postgres)
    await eventually(lambda: page(port, cookie) == 200, 30)
    seen = len(screen.seen)
    await eventually(lambda: moved(screen, seen, reporter.number), 30)
    await asyncio.to_thread(yard.end_role)
    assert (await screen.until("ended"))["topics"] == ["yard/devices"]
    stop.set()
    await report
    await screen.leave()
    await recorded_exactly(yard, [reporter])
    yard.kill(web)


def moved(screen: Screen, since: int, device: int) -> bool:
    """Whether the screen was told of the device since it had seen so many frames."""
    news = screen.seen[since:]
    return any(seen["t"] == "change" and device in seen.ids for seen in news)


def page(port: int, cookie: str) -> int:
    """What the inbox of alarms answers; 0 while there is no server."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/yard/alarms/")
    asked.add_header("Cookie", cookie)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


async def connect_screen(port: int, cookie: str) -> ClientConnection:
    return await connect(
        f"ws://127.0.0.1:{port}/live",
        additional_headers={"Cookie": cookie},
        compression=None,
        max_size=None,
    )


async def test_the_account_is_even_by_kind(yard: Yard) -> None:
    """Facts sent are facts recorded and quarantined: duplicates, disorder, lies and dying processes."""
    start_once(yard)
    tellers = [Teller(yard, key) for key in yard.fresh_keys(8)]
    stop = asyncio.Event()
    talks = [asyncio.create_task(one.talk(stop, 0.02)) for one in tellers]
    await eventually(lambda: all(one.lies["counts"] for one in tellers))
    for fault in (kill_gate, kill_recorder):
        await fault(yard)
    stop.set()
    await asyncio.gather(*talks)
    with contextlib.suppress(AssertionError):  # the account itself says better what is wrong
        await eventually(lambda: all(line.even for line in account(yard, tellers)), 90)
    lines = account(yard, tellers)
    print(table(lines))
    assert all(line.even for line in lines), table(lines)
    assert all(line.quarantined for line in lines), table(lines)


def test_the_account_of_the_demo_city_is_even(tmp_path: Path) -> None:
    """The short form of `python -m bench live_account`: a small demo city, its own devices, some faults."""
    words = ["--scale", "0.05", "--minutes", "0", "--faults", "kill_nats,kill_web,kill_one_of_two"]
    done = subprocess.run(
        [sys.executable, "-m", "bench.live_account", *words],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def start_once(yard: Yard) -> None:
    for name in ("gate", "recorder"):
        if not yard.running(name):
            yard.start(name)


async def recorded_exactly(yard: Yard, reporters: list[Reporter]) -> None:
    wanted = {one.number: one.acknowledged for one in reporters}
    await eventually(lambda: yard.recorded(reporters) == wanted)
