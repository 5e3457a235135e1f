"""The table of processes can be started and stopped in an order, and every entry is there."""

import importlib

from madang.run.processes import PROCESSES, SERVERS
from madang.run.settings import Settings


def test_every_entry_is_a_function() -> None:
    for line in PROCESSES:
        module, function = line.entry.split(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_what_a_process_needs_comes_before_it() -> None:
    before = set(SERVERS)
    for line in PROCESSES:
        assert set(line.needs) <= before, line.name
        before.add(line.name)


def test_names_are_told_apart_and_explained() -> None:
    assert len({line.name for line in PROCESSES}) == len(PROCESSES)
    assert all(line.does for line in PROCESSES)
    assert all(line.count(Settings.model_validate({})) >= 1 for line in PROCESSES)
