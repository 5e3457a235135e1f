"""Machine code on disk is used while every source it came from is as it was, and no longer."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from madang.ground import kernels

SOURCES = {
    "__init__": "",
    "constants": "VALUE = 1\n",
    "called": """
from madang.ground.kernels import kernel
from laboratory import constants

VALUE = constants.VALUE

@kernel
def value():
    return VALUE
""",
    "caller": """
from madang.ground.kernels import kernel
from laboratory.called import value

@kernel
def asked(x):
    return value() + x
""",
    "bystander": "",
}

Start = Callable[[], Any]


@pytest.fixture
def laboratory(tmp_path: Path) -> Path:
    """A package whose kernel calls one of another module, which stands on a constant of a third."""
    folder = tmp_path / "laboratory"
    folder.mkdir()
    for name, text in SOURCES.items():
        (folder / f"{name}.py").write_text(text)
    return folder


@pytest.fixture
def start(laboratory: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Loads the package as a process does that starts anew; gives its kernel."""
    monkeypatch.syspath_prepend(laboratory.parent)

    def load() -> Any:
        for name in [name for name in sys.modules if name.partition(".")[0] == "laboratory"]:
            del sys.modules[name]
        for remembered in (kernels.stamp, kernels.imported):
            remembered.cache_clear()
        importlib.invalidate_caches()
        return importlib.import_module("laboratory.caller").asked

    return load


def test_machine_code_follows_each_source_it_came_from(laboratory: Path, start: Start) -> None:
    assert start()(1) == 2
    (laboratory / "constants.py").write_text("VALUE = 10_000\n")
    assert start()(1) == 10_001


def test_machine_code_stays_when_another_module_changes(laboratory: Path, start: Start) -> None:
    start()(1)
    (laboratory / "bystander.py").write_text("VALUE = 2\n")
    again = start()
    assert again(1) == 2
    assert sum(again.stats.cache_hits.values()) == 1


def test_a_kernel_that_moved_in_its_file_leaves_nothing_behind(
    laboratory: Path, start: Start
) -> None:
    start()(1)
    before = sorted(path.name for path in laboratory.rglob("*.nb[ic]"))
    (laboratory / "caller.py").write_text("\n\n\n" + SOURCES["caller"])
    assert start()(1) == 2
    assert sorted(path.name for path in laboratory.rglob("*.nb[ic]")) == before
