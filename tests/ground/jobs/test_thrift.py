"""What runs around each job to give its memory back."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from madang.ground.jobs.domain.thrift import give_back


def _run(ends: Any) -> Any:
    async def job() -> Any:
        if isinstance(ends, Exception):
            raise ends
        return ends

    return asyncio.run(give_back(job, cast(Any, None), None))


def test_a_jobs_result_comes_through() -> None:
    assert _run(7) == 7


def test_a_failure_stays_a_failure() -> None:
    with pytest.raises(ValueError, match="broken file"):
        _run(ValueError("broken file"))
