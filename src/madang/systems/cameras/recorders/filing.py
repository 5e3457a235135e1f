"""Pictures that a recorder sends into files of our own, cut at key frames, as recording/track.py writes them.

Each is indexed as soon as it is whole. What a killed process leaves lies in a folder of its own: it has the
recorder's origin nowhere yet, so it is not salvaged but removed, and fetched again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from madang.systems.cameras.domain import footage
from madang.systems.cameras.intake.fragments import TIMESCALE, Bytes, Fragments, fragment
from madang.systems.cameras.models import Gap, Segment
from madang.systems.cameras.recording import store
from madang.systems.cameras.recording.track import DRAFT, Draft, closed, kept, opened, place

FETCHED = "fetched"  # the folder of drafts
HOLE, USUAL = 2.0, 1 / 15  # seconds of a picture: more is a hole; until two have come


@dataclass(frozen=True)
class Shown:
    """One picture as MP4 has it; at: Unix seconds; stream: what it is part of."""

    body: Sequence[Bytes]
    at: float
    key: bool
    stream: Fragments


class Filing:
    """take() it pictures in their order, end() it once. origin: the recorder they come from."""

    def __init__(self, camera: UUID, origin: str) -> None:
        self._camera, self._origin = camera, origin
        self._waiting: Shown | None = None  # its length is known when the next has come
        self._usual = USUAL
        self._draft: Draft | None = None
        self._init = b""
        self.files = self.bytes = 0

    def take(self, one: Shown) -> None:
        before, self._waiting = self._waiting, one
        if before is None:
            return
        step = one.at - before.at
        if 0 < step <= HOLE:
            self._usual = step
        self._put(before, self._usual)
        if step > HOLE:
            self._close()

    def end(self) -> None:
        last, self._waiting = self._waiting, None
        if last is not None:
            self._put(last, self._usual)
        self._close()

    def drop(self) -> None:
        """What is not whole is not kept."""
        draft, self._draft = self._draft, None
        if draft is not None:
            draft.file.close()
            draft.path.unlink(missing_ok=True)

    def _put(self, one: Shown, length: float) -> None:
        if one.key:
            self._cut(one)
        draft = self._draft
        if draft is None or one.stream.init != self._init:
            return  # nothing that it continues was kept
        at = max(0, round((one.at - draft.begins) * TIMESCALE))
        ticks = max(1, round(length * TIMESCALE))
        if one.key:
            draft.mark(at)
        draft.frames += 1
        draft.end = at + ticks
        draft.write(fragment(draft.frames, at, ticks, one.body, key=one.key, offset=0))

    def _cut(self, one: Shown) -> None:
        """A key frame comes: a file that is long enough ends with it, and one of another stream."""
        draft = self._draft
        if draft is not None and (
            one.stream.init != self._init or one.at - draft.begins >= settings.FOOTAGE_SECONDS
        ):
            self._close()
        if self._draft is None:
            begins = round(one.at, 3)
            path = place(store.of_camera(self._camera), begins, Gap.NONE, FETCHED)
            self._init, mime = one.stream.init, one.stream.mime
            self._draft = Draft(opened(path), path, begins, 0, mime, Gap.NONE, "")
            self._draft.write(self._init)

    def _close(self) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        draft.flush()
        made = closed(self._camera, draft, self._origin)
        store.keep(made)
        footage.index([made])
        store.settle(made)
        self.files, self.bytes = self.files + 1, self.bytes + made.bytes


def sweep(camera: UUID) -> None:
    """Remove what a killed process left of camera: what the index has stays."""
    for draft in (store.of_camera(camera) / FETCHED).glob(f"*{DRAFT}"):
        file: Path = kept(draft)
        if not Segment.objects.filter(path=store.named(file)).exists():
            file.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
