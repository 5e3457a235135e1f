"""Every command that a page, a help text or a document names is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from madang.cli import main

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("README.md", "Makefile", "docs/**/*.md", "src/**/*.html", "src/**/*.py", "src/**/*.po")
# A command is named in backquotes, as code, by its path, or as what to start; prose has none of these.
NAMED = re.compile(
    r"(?:`(?:\S+=\S+ )?|<code>|bin/|&& |[Ss]tart one: |run: |with: )madang ([a-z]+)(?: ([a-z][a-z-]+))?"
)


def named() -> set[tuple[str, str, str]]:
    """(file, command, its subcommand or nothing) for each mention."""
    return {
        (str(path.relative_to(ROOT)), found[1], found[2] or "")
        for pattern in PLACES
        for path in ROOT.glob(pattern)
        for found in NAMED.finditer(path.read_text())
    }


def test_commands_are_found_where_they_are_named() -> None:
    assert {("up", ""), ("city", "demo"), ("city", "import"), ("bundle", "")} <= {
        (command, sub) for _, command, sub in named()
    }


@pytest.mark.parametrize(("file", "command", "sub"), sorted(named()))
def test_a_named_command_is_there(file: str, command: str, sub: str) -> None:
    with click.Context(main) as context:
        found = main.get_command(context, command)
        assert found is not None, f"{file} names madang {command}"
        if isinstance(found, click.Group) and sub:
            assert sub in found.list_commands(context), f"{file} names madang {command} {sub}"
