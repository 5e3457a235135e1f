"""A camera's pieces into files cut at key frames, as they came: nothing is decoded.

A file is written under a draft's name and flushed at every key frame, so that whatever kills the
process leaves whole pictures behind (recording/salvage.py). Its draft is locked while it is written:
the kernel lets go of the lock with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from uuid import UUID

from madang.ground.ids import new_id
from madang.systems.cameras.intake.fragments import TIMESCALE
from madang.systems.cameras.messages import Piece
from madang.systems.cameras.models import Gap, Recording
from madang.systems.cameras.recording.boxes import moved, times
from madang.systems.cameras.troubles import noted_of_disk

DRAFTS, DRAFT = "drafts", ".part"
HOLE = 2 * TIMESCALE  # a picture that stood longer is a hole in what was recorded
MOST_WAITING = 4 << 20  # bytes that wait for a key frame before they are written anyway
AT_ONCE = 1000  # pieces of memory that the kernel takes at once (IOV_MAX is 1024)
DRIFT = 1.0  # seconds by which the camera's clock may run away from ours before it is set anew


@dataclass(frozen=True)
class Closed:
    """A file that has ended, still under its draft's name: to be kept, then indexed.

    file is open and holds the draft's lock, so that nobody takes it for left behind.
    """

    file: FileIO
    draft: Path
    path: Path
    camera: UUID
    begins: datetime
    ends: datetime
    bytes: int
    frames: int
    mime: str
    keys: tuple[tuple[int, int], ...]  # (milliseconds from begins, offset in the file)
    gap: str = Gap.NONE
    words: str = ""
    salvaged: bool = False
    origin: str = ""  # the recorder that it was fetched from


@dataclass
class Draft:
    """The file that is being written. base is the time of its first picture in the stream's clock."""

    file: FileIO
    path: Path
    begins: float
    base: int
    mime: str
    gap: str
    words: str
    size: int = 0
    frames: int = 0
    end: int = 0
    keys: list[tuple[int, int]] = field(default_factory=list)
    frames_at_key: int = 0
    _waiting: list[bytes | memoryview] = field(default_factory=list)
    _written: int = 0

    def write(self, *parts: bytes | memoryview) -> None:
        self._waiting += parts
        self.size += sum(map(len, parts))
        if self.size - self._written > MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Give the kernel what waits: from then on it survives this process."""
        waiting, self._waiting = self._waiting, []
        for some in (waiting[at : at + AT_ONCE] for at in range(0, len(waiting), AT_ONCE)):
            self._give(some)

    def _give(self, parts: list[bytes | memoryview]) -> None:
        done = os.writev(self.file.fileno(), parts)
        self._written += done
        if rest := b"".join(parts)[done:] if done < sum(map(len, parts)) else b"":
            self._give([rest])

    def mark(self, at: int) -> None:
        """A key frame comes next."""
        self.flush()
        self.keys.append((round((at - self.base) * 1000 / TIMESCALE), self.size))
        self.frames_at_key = self.frames

    def cut_off(self) -> bool:
        """Keep what was whole at the last key frame; whether that is anything."""
        last, size = self.keys.pop()
        self._waiting = []
        self.file.truncate(size)
        self.size, self.frames = size, self.frames_at_key
        self.end = self.base + last * TIMESCALE // 1000
        return bool(self.keys)


class Track:
    """The recording of one camera. take() it pieces in the order in which they come, end() it once."""

    def __init__(
        self,
        camera: UUID,
        folder: Path,
        hand_over: Callable[[Closed], None],
        *,
        seconds: float,
        has_room: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """folder: of the camera. seconds: how long a file is at least; it ends with the next key frame."""
        self.camera = camera
        self.state: str = Recording.WAITING
        self._folder, self._hand_over = folder, hand_over
        self._least, self._has_room, self._clock = round(seconds * TIMESCALE), has_room, clock
        self._lock = threading.Lock()
        self._draft: Draft | None = None
        self._source: int | None = None
        self._init = b""
        self._anchor = 0.0  # when the stream's clock was at 0, in ours
        self._gap: tuple[str, str] = (Gap.BEGAN, "")
        self._ended = False

    def take(self, piece: Piece) -> None:
        """A picture, or a word about why there is none."""
        with self._lock:
            if self._ended:
                return
            if piece.why:
                self._lose(Gap.CAMERA, piece.why)
                return
            try:
                self._write(piece)
            except OSError as error:
                self._give_up(error)

    def end(self) -> None:
        """Close what is open; nothing more is recorded."""
        with self._lock:
            self._ended = True
            self._close()
            self.state = Recording.OFF

    def _write(self, piece: Piece) -> None:
        at, length = times(piece.data)
        if piece.key:
            self._key(piece, at)
        draft = self._draft
        if draft is None or piece.source != self._source:
            return  # it continues what was not recorded
        if at - draft.end > HOLE:
            self._lose(Gap.STALLED, "")
            if not piece.key or not self._begin(piece, at):
                return
            draft = self._draft
            assert draft is not None
        draft.write(*moved(piece.data, -draft.base))
        draft.frames += 1
        draft.end = at + length

    def _key(self, piece: Piece, at: int) -> None:
        """A key frame comes: the stream may be another, the file may be long enough."""
        if piece.source != self._source or piece.init != self._init:
            if self._draft is not None:
                self._lose(Gap.CHANGED, "")
            self._source, self._init = piece.source, piece.init
            self._anchor = self._clock() - at / TIMESCALE
        draft = self._draft
        if draft is not None and at - draft.end > HOLE:
            return
        if draft is not None and at - draft.base >= self._least:
            draft.end = at
            self._close()
        if self._draft is None:
            self._begin(piece, at)
        else:
            self._draft.mark(at)

    def _begin(self, piece: Piece, at: int) -> bool:
        if not self._has_room():
            self._gap, self.state = (Gap.DISK, ""), Recording.FULL
            return False
        now = self._clock()
        if abs(self._anchor + at / TIMESCALE - now) > DRIFT:
            self._anchor = now - at / TIMESCALE
        begins = self._anchor + at / TIMESCALE
        gap, words = self._gap
        path = place(self._folder, begins, gap)
        draft = Draft(opened(path), path, begins, at, piece.mime, gap, words, end=at)
        self._draft = draft
        draft.write(piece.init)
        draft.mark(at)
        self._gap, self.state = (Gap.NONE, ""), Recording.ON
        return True

    def _lose(self, gap: str, words: str) -> None:
        if self._gap[0] != Gap.DISK:
            self._gap = (gap, words[:200])
        self._close()
        self.state = Recording.WAITING

    def _close(self) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        draft.flush()
        self._part_with(draft, keep=draft.frames > 0 and draft.end > draft.base)

    def _give_up(self, error: OSError) -> None:
        """The disk took no more: what was whole at the last key frame is kept, nothing new begun."""
        draft, self._draft = self._draft, None
        self._gap, self.state = (Gap.DISK, noted_of_disk(error)), Recording.FULL
        if draft is not None and draft.keys:
            with contextlib.suppress(OSError):  # salvage looks at it later
                self._part_with(draft, keep=draft.cut_off())

    def _part_with(self, draft: Draft, *, keep: bool) -> None:
        if keep:
            self._hand_over(closed(self.camera, draft))
        else:
            draft.path.unlink(missing_ok=True)
            draft.file.close()


def place(folder: Path, begins: float, gap: str, drafts: str = DRAFTS) -> Path:
    """The draft of a file that begins then. What the index must know of it stands in its name."""
    return folder / drafts / f"{round(begins * 1000)}-{gap or 'on'}-{new_id().hex}.mp4{DRAFT}"


def kept(draft: Path) -> Path:
    """Where a draft lies once it is whole: in the folder of its day (UTC)."""
    begins = int(draft.name.partition("-")[0]) / 1000
    day = datetime.fromtimestamp(begins, UTC).strftime("%Y-%m-%d")
    return draft.parent.parent / day / draft.name.removesuffix(DRAFT)


def moment(seconds: float) -> datetime:
    """Unix seconds as a moment, to the millisecond that the file's name has."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(seconds * 1000))


def opened(path: Path) -> FileIO:
    """A new draft, locked."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = FileIO(path, "xb", opener=_private)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def closed(camera: UUID, draft: Draft, origin: str = "") -> Closed:
    """What is handed over of a file that was written to its end."""
    begins = moment(draft.begins)
    return Closed(
        draft.file,
        draft.path,
        kept(draft.path),
        camera,
        begins,
        moment(draft.begins + (draft.end - draft.base) / TIMESCALE),
        draft.size,
        draft.frames,
        draft.mime,
        tuple(draft.keys),
        draft.gap,
        draft.words,
        origin=origin,
    )
