"""The programs kept beside the data: one copy a version, taken over whole or not at all."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from madang.run import engines


def test_two_at_once_keep_one_that_runs(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: engines.kept(tmp_path), range(2))
    assert first == second
    told = subprocess.run([first / "postgres", "--version"], capture_output=True, check=True)
    assert str(engines.major()).encode() in told.stdout
    assert [path.name for path in tmp_path.iterdir()] == [f"engine-{engines.version()}"]


def test_the_newest_of_a_major_is_found(tmp_path: Path) -> None:
    for name in ("engine-17.9.0", "engine-17.10.1", "engine-18.1.0"):
        (tmp_path / name).mkdir()
    assert "engine-17.10.1" in str(engines.of_major(tmp_path, 17))
    with pytest.raises(engines.EngineError, match="PostgreSQL 16"):
        engines.of_major(tmp_path, 16)
