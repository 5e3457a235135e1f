"""What was acknowledged to a device is in the record exactly once and in order, whatever dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from faults.yard import Reporter, Yard, eventually

pytestmark = pytest.mark.fault
Fault = Callable[[Yard], Awaitable[None]]


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    yard = Yard(tmp_path_factory.mktemp("yard"))
    try:
        yard.open(devices=120)
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


@pytest.mark.parametrize(
    "fault",
    [kill_gate, kill_recorder, kill_nats, restart_postgres, kill_one_of_two],
    ids=lambda fault: fault.__name__,
)
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
    assert not yard.rows("SELECT reason, key, facts FROM sensing_quarantine")


def start_once(yard: Yard) -> None:
    for name in ("gate", "recorder"):
        if not any(one.args[-1] == name and one.poll() is None for one in yard.processes):  # type: ignore[index]
            yard.start(name)


async def recorded_exactly(yard: Yard, reporters: list[Reporter]) -> None:
    wanted = {one.number: one.acknowledged for one in reporters}
    await eventually(lambda: yard.recorded(reporters) == wanted)
