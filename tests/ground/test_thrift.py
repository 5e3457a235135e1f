"""Work done in a process of its own."""

from __future__ import annotations

import gc
import os

import pytest

from madang.ground.thrift import apart, settle


def test_work_apart_is_done_by_another_process_and_answers() -> None:
    assert apart(os.getpid) != os.getpid()


def test_what_fails_apart_fails_here() -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        apart(os.stat, "/nowhere")


def test_what_is_there_once_all_is_settled_is_not_looked_through_again() -> None:
    ring: list[object] = []
    ring.append(ring)
    settle()
    try:
        assert not any(one is ring for one in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(one is ring for one in gc.get_objects())
