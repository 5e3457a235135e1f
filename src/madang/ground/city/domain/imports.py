"""Importing one sheet: read, compared, shown, and then applied in one transaction, or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from madang.ground.city.domain import data_sets
from madang.ground.city.domain.intake import Intake, Options, Progress
from madang.ground.city.domain.landing import land, only_import, put_counts
from madang.ground.city.domain.staging import staging
from madang.ground.city.models import City, Import
from madang.ground.city.reading.sheets import Sheet
from madang.ground.city.reasons import Because, note
from madang.ground.city.recognisers.registry import recognise
from madang.ground.trail.public import Actor

SHOWN_CHANGES = 50
PROGRESS_EVERY_S = 0.5
PIECE = 1 << 20


class Decision(Enum):
    """What becomes of an import whose counts have been seen."""

    APPLY = "apply"
    LEAVE = "leave"
    MOVED_ON = "moved on"


Decide = Callable[[Import], Decision]
Effect = tuple[int, ...]


def always(brought: Import) -> Decision:
    return Decision.APPLY


def never(brought: Import) -> Decision:
    return Decision.LEAVE


def begin(city: City, sheet: Sheet, actor: Actor) -> Import:
    """The record of an import that is about to be read."""
    return Import.objects.create(
        city=city,
        file=sheet.name,
        size=sheet.path.stat().st_size,
        digest=digest(sheet.path),
        actor=actor.account,
        actor_name=actor.name,
    )


def bring(
    brought: Import,
    sheet: Sheet,
    actor: Actor,
    *,
    options: Options | None = None,
    decide: Decide = always,
    progress: Progress | None = None,
) -> Import:
    """Read sheet and, where decide says so after seeing the counts, apply it.

    decide gets the import with its counts, notes and first changes. A file that cannot be taken leaves
    the import refused with its reason; no error of a file is raised. While another import into the
    same city runs, this one waits.
    """
    try:
        with only_import(brought.city):
            _begin(brought)
            recogniser = recognise(sheet)
            brought.recogniser = recogniser.key
            with staging(brought.city) as stage:
                watch = progress or saved_progress(brought)
                intake = Intake(sheet, recogniser, brought, stage, options or Options(), watch)
                intake.run()
                _settle(intake, actor, decide)
    except Because as reason:
        _stop(brought, Import.State.REFUSED, reason.note)
    except Exception as error:
        _stop(brought, Import.State.INTERRUPTED, note("unexpected", detail=type(error).__name__))
        raise
    return brought


def same_as_shown(shown: Effect) -> Decide:
    """Decide for an import that a person has seen and confirmed: only if it would do the same still."""
    return lambda brought: Decision.APPLY if effect(brought) == shown else Decision.MOVED_ON


def effect(brought: Import) -> Effect:
    """What it would do, by its counts: read, new, changed, same, rejected."""
    return brought.read, brought.new, brought.changed, brought.same, brought.rejected


def saved_progress(brought: Import) -> Progress:
    """Progress that a page can poll, written at most twice a second."""
    last = 0.0

    def save(fraction: float, seen: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY_S:
            last = time.monotonic()
            Import.objects.filter(id=brought.id).update(progress=min(fraction, 1.0), seen=seen)

    return save


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def note_stopped(city: City, except_for: Import | None = None) -> None:
    """Say of imports that still say they are read that they were stopped; call with the city's lock."""
    stale = Import.objects.filter(city=city, state=Import.State.READING)
    if except_for:
        stale = stale.exclude(id=except_for.id)
    stale.update(state=Import.State.INTERRUPTED, problem=note("stopped"), ended=Now())


def _begin(brought: Import) -> None:
    note_stopped(brought.city, brought)
    brought.rejections.all().delete()
    brought.state = Import.State.READING
    brought.problem = None
    brought.progress = 0
    brought.read = brought.new = brought.changed = brought.same = brought.rejected = 0
    brought.save()


def _settle(intake: Intake, actor: Actor, decide: Decide) -> None:
    """Compare what was staged, show it, and apply it or leave it shown."""
    brought, stage = intake.brought, intake.stage
    source = dataclasses.replace(intake.recogniser.source, as_of=intake.as_of)
    data_set = data_sets.find(brought.city, source)
    brought.rejected, brought.seen, brought.progress = intake.rejected, intake.seen, 1
    put_counts(brought, stage.compare(data_set))
    brought.notes = intake.notes
    if absent := stage.absent(data_set):
        brought.notes.append(note("not-in-file", count=absent))
    brought.preview = stage.sample_changes(data_set, SHOWN_CHANGES) if data_set else []
    decision = decide(brought)
    if decision is Decision.APPLY:
        with transaction.atomic():
            land(stage, brought, source, actor)
    else:
        brought.state = Import.State.PREVIEWED
        brought.problem = note("moved-on") if decision is Decision.MOVED_ON else None
        brought.save()


def _stop(brought: Import, state: Import.State, problem: dict[str, Any]) -> None:
    brought.state = state
    brought.problem = problem
    brought.read = brought.new = brought.changed = brought.same = brought.rejected = 0
    brought.ended = Now()
    brought.save()
    brought.refresh_from_db()
