"""Several files at once: each sheet with what recognises it, in the order in which they build on."""

from __future__ import annotations

from dataclasses import dataclass

from madang.ground.city.reading.files import Found
from madang.ground.city.reading.sheets import Sheet
from madang.ground.city.reasons import Because, Refused
from madang.ground.city.recognisers.registry import Recogniser, recognise


@dataclass(frozen=True)
class Step:
    """One sheet to import and what recognises it, or why a file cannot be."""

    name: str
    sheet: Sheet | None = None
    recogniser: Recogniser | None = None
    refused: Because | None = None


def steps(found: list[Found]) -> list[Step]:
    """What to import, districts before what lies in them; refused files last."""
    all_steps = [step for each in found for step in _steps(each)]
    return sorted(all_steps, key=lambda step: step.recogniser.order if step.recogniser else 1_000)


def _steps(found: Found) -> list[Step]:
    if found.refused:
        return [Step(found.name, refused=found.refused)]
    if not found.sheets:
        return [Step(found.name, refused=Refused("not-data"))]
    return [_step(sheet) for sheet in found.sheets]


def _step(sheet: Sheet) -> Step:
    try:
        return Step(sheet.name, sheet, recognise(sheet))
    except Because as reason:
        return Step(sheet.name, sheet, refused=reason)
