"""Files that a process left behind when it was killed: kept as far as they are whole, else removed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from uuid import UUID

from madang.systems.cameras.intake.fragments import TIMESCALE, codec_words
from madang.systems.cameras.models import Gap
from madang.systems.cameras.recording.boxes import Fragment, read
from madang.systems.cameras.recording.track import DRAFT, DRAFTS, Closed, kept, moment


def left_behind(folder: Path) -> Iterator[Closed | Path]:
    """Each draft whose process is gone: closed where something of it is whole, else its path."""
    for draft in folder.glob(f"*/{DRAFTS}/*{DRAFT}"):
        try:
            file = FileIO(draft, "r+b")
        except FileNotFoundError:
            continue  # it was kept meanwhile
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue  # it is being written
        if not draft.exists():
            file.close()
            continue
        yield whole(file, draft) or _dropped(file, draft)


def whole(file: FileIO, draft: Path) -> Closed | None:
    """What of a file can be played, cut to that; None where nothing can."""
    named = _named(draft)
    init, fragments = read(file)
    if named is None or not fragments or not fragments[0].key or _end(fragments) <= 0:
        return None
    camera, begins, gap = named
    last = fragments[-1]
    if os.fstat(file.fileno()).st_size != last.offset + last.size:
        file.truncate(last.offset + last.size)
    return Closed(
        file,
        draft,
        kept(draft),
        camera,
        moment(begins / 1000),
        moment(begins / 1000 + _end(fragments) / TIMESCALE),
        last.offset + last.size,
        len(fragments),
        f'video/mp4; codecs="{codec_words(init)}"',
        tuple((round(one.time * 1000 / TIMESCALE), one.offset) for one in fragments if one.key),
        gap,
        salvaged=True,
    )


def _end(fragments: list[Fragment]) -> int:
    return max(one.time + one.length for one in fragments)


def _named(draft: Path) -> tuple[UUID, int, str] | None:
    """Camera, beginning in milliseconds and gap, as folder and name of a file say them."""
    begins, _, rest = draft.name.partition("-")
    gap = rest.partition("-")[0]
    try:
        camera = UUID(hex=draft.parent.parent.name)
        datetime.fromtimestamp(int(begins) / 1000, UTC)
    except (ValueError, OverflowError):
        return None
    return camera, int(begins), gap if gap in Gap.values else Gap.NONE


def _dropped(file: FileIO, draft: Path) -> Path:
    draft.unlink(missing_ok=True)
    file.close()
    return draft
