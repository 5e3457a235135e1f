"""How imports are told about in a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from madang.ground.city.domain.many import Step
    from madang.ground.city.models import Import
    from madang.ground.city.reasons import Because


def is_unrecognised(step: Step) -> bool:
    """Whether it was refused because nothing recognises it."""
    return step.refused is not None and step.refused.code == "unrecognised"


def why(refused: Because | None) -> str:
    """The reason; what would be recognised is said once for all files, at the end."""
    if refused is None:
        return ""
    if refused.code != "unrecognised":
        return str(refused)
    return f"Nothing here recognises its columns: {refused.figures['columns']}"


def recognised() -> str:
    """What would be recognised, and by which columns."""
    from madang.ground.city.recognisers.registry import recognisers

    return "\n".join(
        f"    {each.title}: {', '.join(column.headers[0] for column in each.needs)}"
        for each in recognisers()
    )


def report(brought: Import) -> None:
    """Say what became of an import, with what was noticed and why rows were rejected."""
    from madang.ground.city.queries.summaries import rejections_by_reason
    from madang.ground.city.reasons import say, say_note
    from madang.ground.city.recognisers.registry import by_key

    if brought.problem:
        click.echo(f"\r{brought.file}: {brought.state}. {say_note(brought.problem)}")
        return
    title = by_key(brought.recogniser).title
    also = f" (and {brought.derived} derived)" if brought.derived else ""
    click.echo(f"\r{brought.file}: {title}, {brought.state}. {counts(brought)}{also}")
    for note in brought.notes:
        click.echo(f"    {say_note(note)}")
    for reason, count in rejections_by_reason(brought):
        first = brought.rejections.filter(reason=reason).order_by("number").first()
        says = say(reason, first.figures) if first else reason
        click.echo(f"    rejected {count} such as row {first.number if first else '?'}: {says}")
    if brought.rejected:
        click.echo(f"    to correct them: madang city rejected {short(brought)}")


def progress(name: str) -> Any:
    """What is called as rows are read; it writes only where somebody looks on."""
    if not sys.stderr.isatty():
        return lambda fraction, seen: None
    return lambda fraction, seen: click.echo(f"\r{name}: {fraction:4.0%} {seen} rows", nl=False)


def counts(brought: Import) -> str:
    """What became of its rows, as a sum."""
    return (
        f"read {brought.read} = new {brought.new} + changed {brought.changed}"
        f" + same {brought.same} + rejected {brought.rejected}"
    )


def short(brought: Import) -> str:
    """The import's id as commands take it."""
    return str(brought.id)[-12:]
