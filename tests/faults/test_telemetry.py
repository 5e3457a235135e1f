"""What was acknowledged to a device is in the record exactly once and in order, whatever dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from faults.tellers import Teller, account, table
from faults.yard import Reporter, Yard, eventually

pytestmark = pytest.mark.fault
Fault = Callable[[Yard], Awaitable[None]]
# By hand, minutes of the account's story: MADANG_FAULT_MINUTES=10 pytest --timeout=0 -s -k account …
MINUTES = float(os.environ.get("MADANG_FAULT_MINUTES", "0"))
FULL_DISK = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON sensing_batch EXECUTE FUNCTION no_room();
"""


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    yard = Yard(tmp_path_factory.mktemp("yard"))
    try:
        yard.open(devices=140)
        yield yard
    finally:
        yard.close()


async def kill_gate(yard: Yard) -> None:
    gate = next(one for one in yard.processes if one.args[-1] == "gate" and one.poll() is None)  # type: ignore[index]
    yard.kill(gate)
    await asyncio.sleep(1)
    yard.start("gate")


async def kill_recorder(yard: Yard) -> None:
    recorder = next(
        one
        for one in yard.processes
        if one.args[-1] == "recorder" and one.poll() is None  # type: ignore[index]
    )
    yard.kill(recorder)
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
        first = next(one for one in yard.processes if one.args[-1] == name and one.poll() is None)  # type: ignore[index]
        yard.kill(first)
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


async def test_the_account_is_even_by_kind(yard: Yard) -> None:
    """Facts sent are facts recorded and quarantined: duplicates, disorder, lies and dying processes."""
    start_once(yard)
    tellers = [Teller(yard, key) for key in yard.fresh_keys(8)]
    stop = asyncio.Event()
    talks = [asyncio.create_task(one.talk(stop, 0.5 if MINUTES else 0.02)) for one in tellers]
    until = time.monotonic() + MINUTES * 60
    faults = [kill_gate, kill_recorder]
    while True:
        await eventually(lambda: all(one.lies["counts"] for one in tellers))
        for fault in FAULTS if MINUTES else faults:
            await fault(yard)
            await asyncio.sleep(10 if MINUTES else 0)
        if time.monotonic() > until:
            break
    stop.set()
    await asyncio.gather(*talks)
    with contextlib.suppress(AssertionError):  # the account itself says better what is wrong
        await eventually(lambda: all(line.even for line in account(yard, tellers)), 90)
    lines = account(yard, tellers)
    print(table(lines))
    assert all(line.even for line in lines), table(lines)
    assert all(line.quarantined for line in lines), table(lines)


def start_once(yard: Yard) -> None:
    for name in ("gate", "recorder"):
        if not any(one.args[-1] == name and one.poll() is None for one in yard.processes):  # type: ignore[index]
            yard.start(name)


async def recorded_exactly(yard: Yard, reporters: list[Reporter]) -> None:
    wanted = {one.number: one.acknowledged for one in reporters}
    await eventually(lambda: yard.recorded(reporters) == wanted)
