"""Files sent by a page: kept in a folder, read by a job, shown, and applied when a person agrees."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from madang.ground.city.domain.imports import (
    Decide,
    bring,
    digest,
    never,
    note_stopped,
    same_as_shown,
)
from madang.ground.city.domain.intake import Options
from madang.ground.city.domain.landing import try_import
from madang.ground.city.domain.many import Step, steps
from madang.ground.city.models import City, Import
from madang.ground.city.reading.files import SHAPEFILE_PARTS, look_into
from madang.ground.city.reading.openers import goes_along
from madang.ground.city.reasons import Refused
from madang.ground.ids import new_id
from madang.ground.trail.public import Actor

KEPT = timedelta(days=14)
LONGEST_NAME = 120
WAITING = (Import.State.WAITING, Import.State.READING, Import.State.CONFIRMED)


class Sent(Protocol):
    """A file as Django gives it."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


def receive(city: City, files: Sequence[Sent], asked: dict[str, str], actor: Actor) -> list[Import]:
    """Keep the files and have them read; one import each, the parts of a shapefile together."""
    _forget_old(city)
    folder = _uploads(city) / str(new_id())
    folder.mkdir(parents=True)
    paths = [_keep(folder, file) for file in files]
    wholes = [path for path in paths if not _is_part(path, paths)]
    with transaction.atomic():
        made = [_waiting(city, path, asked, actor) for path in wholes or paths[:1]]
        for one in made:
            _defer("read_upload", one)
    return made


def read(import_id: UUID) -> None:
    """Read an upload and show what it would change; an archive becomes an import for each of its files."""
    first = Import.objects.select_related("city").get(id=import_id)
    first.digest = digest(Path(first.stored))
    with look_into([Path(first.stored)], first.file) as found:
        todo = steps(found)
        for number, step in enumerate(todo):
            one = first if number == 0 else _beside(first)
            one.file = step.name
            one.save()
            _bring(one, step, never)


def apply(import_id: UUID, shown: Sequence[int]) -> None:
    """Apply an upload that a person has seen; shown are the counts that they saw."""
    brought = Import.objects.select_related("city").get(id=import_id)
    decide = same_as_shown(tuple(shown))
    with look_into([Path(brought.stored)], _whole_name(brought)) as found:
        step = next((each for each in steps(found) if each.name == brought.file), None)
        if step is not None:
            _bring(brought, step, decide)
    brought.refresh_from_db()
    if brought.state == Import.State.APPLIED:
        _forget(brought)


def confirm(brought: Import) -> None:
    """A person agrees to what was shown: have it applied; Refused where it is not being shown."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(id=brought.id)
        if held.state != Import.State.PREVIEWED:
            raise Refused("not-shown")
        held.state = Import.State.CONFIRMED
        held.save(update_fields=["state"])
        shown = [held.read, held.new, held.changed, held.same, held.rejected]
        _defer("apply_upload", held, shown=shown)


def read_again(brought: Import, asked: dict[str, str]) -> None:
    """Read an upload once more, with what the person says of it now."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(id=brought.id)
        if held.state in WAITING or held.state == Import.State.APPLIED or not held.stored:
            raise Refused("not-shown")
        held.state, held.asked, held.problem = Import.State.WAITING, asked, None
        held.save(update_fields=["state", "asked", "problem"])
        _defer("read_upload", held)


def discard(brought: Import) -> None:
    """Do not apply it, and forget the file; the report stays."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(id=brought.id)
        if held.state in (*WAITING, Import.State.APPLIED, Import.State.UNDONE):
            raise Refused("not-shown")
        held.state, held.ended = Import.State.DISCARDED, Now()
        held.save(update_fields=["state", "ended"])
    _forget(held)


def notice_stopped(city: City) -> None:
    """Say of imports in this city that nobody works on any more that they were stopped."""
    with try_import(city) as free:
        if free:
            note_stopped(city)


def _bring(brought: Import, step: Step, decide: Decide) -> None:
    actor = Actor(account=brought.actor, name=brought.actor_name)
    if step.sheet is None or step.refused:
        reason = step.refused or Refused("not-data")
        brought.state, brought.problem, brought.ended = Import.State.REFUSED, reason.note, Now()
        brought.save()
        return
    asked = brought.asked
    day = date.fromisoformat(asked["date"]) if asked.get("date") else None
    bring(brought, step.sheet, actor, options=Options(asked.get("crs"), day), decide=decide)


def _beside(first: Import) -> Import:
    """Another import of the same upload."""
    return Import(
        city=first.city,
        stored=first.stored,
        asked=first.asked,
        size=first.size,
        digest=first.digest,
        actor=first.actor,
        actor_name=first.actor_name,
    )


def _waiting(city: City, path: Path, asked: dict[str, str], actor: Actor) -> Import:
    return Import.objects.create(
        city=city,
        file=path.name,
        stored=str(path),
        asked=asked,
        size=path.stat().st_size,
        actor=actor.account,
        actor_name=actor.name,
    )


def _keep(folder: Path, file: Sent) -> Path:
    path = folder / safe_name(file.name or "")
    while path.exists():
        path = path.with_name(f"_{path.name}")
    with path.open("wb") as kept:
        for piece in file.chunks():
            kept.write(piece)
    return path


def safe_name(name: str) -> str:
    """The last part of a file's name, without what a file system would read as something else."""
    words = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in words if letter.isprintable() and letter not in '<>:"|?*')
    return kept.strip(" .")[-LONGEST_NAME:] or "file"


def _is_part(path: Path, paths: list[Path]) -> bool:
    """Whether path is a part of a shapefile, or of what a system reads, that was sent with it."""
    shapes = {other.stem for other in paths if other.suffix.lower() == ".shp"}
    in_shape = path.suffix.lower() in SHAPEFILE_PARTS and path.stem in shapes
    return in_shape or goes_along(path)


def _whole_name(brought: Import) -> str:
    return Path(brought.stored).name


def _uploads(city: City) -> Path:
    return Path(settings.HOME) / "uploads" / city.key


def _forget(brought: Import) -> None:
    """Remove the upload unless another import of it may still be applied."""
    others = Import.objects.filter(stored=brought.stored).exclude(id=brought.id)
    if not brought.stored:
        return
    if not others.filter(state__in=[*WAITING, Import.State.PREVIEWED]).exists():
        path = Path(brought.stored)
        if path.is_relative_to(_uploads(brought.city)):
            shutil.rmtree(path.parent, ignore_errors=True)
    Import.objects.filter(id=brought.id).update(stored="")


def _forget_old(city: City) -> None:
    old = Import.objects.filter(
        city=city, began__lt=timezone.now() - KEPT, state=Import.State.PREVIEWED
    )
    for each in old:
        discard(each)


def _defer(task: str, brought: Import, **words: Any) -> None:
    from madang.ground.city import tasks

    getattr(tasks, task).defer(import_id=str(brought.id), **words)
