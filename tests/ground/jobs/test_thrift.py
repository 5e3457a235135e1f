"""What runs around each job to see whether the worker has grown."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from madang.ground.jobs.domain.thrift import Thrift

NONE, ALL = 0, 1 << 40  # bytes that a worker may have of its own


def _run(ends: Any, most: int = ALL) -> Any:
    async def job() -> Any:
        if isinstance(ends, Exception):
            raise ends
        return ends

    async def run() -> tuple[Any, bool]:
        thrift = Thrift(most)
        return await thrift.around(job, cast(Any, None), None), thrift.grown.is_set()

    return asyncio.run(run())


def test_a_jobs_result_comes_through() -> None:
    assert _run(7) == (7, False)


def test_a_failure_stays_a_failure() -> None:
    with pytest.raises(ValueError, match="broken file"):
        _run(ValueError("broken file"))


def test_a_worker_that_has_grown_makes_room() -> None:
    assert _run(7, NONE) == (7, True)


def test_a_grown_worker_stays_while_another_job_is_under_way() -> None:
    async def run() -> list[bool]:
        thrift, first = Thrift(NONE), asyncio.Event()
        long = asyncio.create_task(thrift.around(first.wait, cast(Any, None), None))
        await asyncio.sleep(0)
        await thrift.around(_at_once, cast(Any, None), None)
        before = thrift.grown.is_set()
        first.set()
        await long
        return [before, thrift.grown.is_set()]

    assert asyncio.run(run()) == [False, True]


async def _at_once() -> None:
    return None
