"""Work done in a process of its own."""

from __future__ import annotations

import os

import pytest

from madang.ground.thrift import apart


def test_work_apart_is_done_by_another_process_and_answers() -> None:
    assert apart(os.getpid) != os.getpid()


def test_what_fails_apart_fails_here() -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        apart(os.stat, "/nowhere")
