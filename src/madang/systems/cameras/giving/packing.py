"""Making a package: footage read, third persons hidden or a mark put on, hashed, listed, signed, zipped.

Who investigates and who judges get the packets as they were recorded, and beside them a copy to look at
with the package's number across it. Everybody else gets pictures in which zones and the rectangles that
were placed by hand are painted over before they are encoded.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, Any

import av
from django.conf import settings
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from madang.systems.cameras.domain.heads import track_of
from madang.systems.cameras.domain.masks import NOTHING, Veil, hidden_of
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.giving import archive
from madang.systems.cameras.giving.gaps import gaps_of, segments_of
from madang.systems.cameras.giving.manifest import FORMAT, MANIFEST, SIGNATURE, sign
from madang.systems.cameras.giving.moving import zones_at
from madang.systems.cameras.giving.steps import package_of
from madang.systems.cameras.intake.fragments import TIMESCALE, box
from madang.systems.cameras.masking.coding import Coder, can_encode
from madang.systems.cameras.masking.painting import Brushes
from madang.systems.cameras.models import Giving, GivingSpan, Segment
from madang.systems.cameras.recording import store

LINES = 720  # of masked pictures and of the copy to look at, at most
MARK = b"madang export 01"  # the type of our box in MP4: sixteen bytes


@dataclass(frozen=True)
class Packed:
    """A package on the disk."""

    path: Path
    bytes: int
    sha256: str


def pack(giving: Giving) -> Packed:
    """Make the package of giving. CameraError where there is nothing to pack, or no encoder."""
    folder = package_of(giving).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="packing-") as name:
        work = Path(name)
        spans = list(giving.spans.select_related("camera__site").order_by("begins", "camera__key"))
        listed = [_span(giving, span, work) for span in spans]
        if not any(span["files"] for span in listed):
            raise CameraError("nothing of these spans is recorded any more")
        manifest = json.dumps(_manifest(giving, listed), ensure_ascii=False, indent=1).encode()
        (work / MANIFEST).write_bytes(manifest)
        signature = sign(manifest, settings.TRAIL_ORIGIN, settings.EXPORTS_SECRET)
        (work / SIGNATURE).write_bytes(signature)
        return _zipped(giving, work)


def private(path: Path) -> IO[bytes]:
    """A new file that nobody else of the machine reads."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _zipped(giving: Giving, work: Path) -> Packed:
    names = sorted(one.name for one in work.iterdir())
    entries = [archive.entry(name, work / name) for name in names]
    draft, digest = package_of(giving).with_suffix(".part"), sha256()
    with private(draft) as file:
        for part in archive.written(entries):
            digest.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(package_of(giving))
    return Packed(package_of(giving), package_of(giving).stat().st_size, digest.hexdigest())


def _span(giving: Giving, span: GivingSpan, work: Path) -> dict[str, Any]:
    """One span's files, written into work, and what the manifest says of it."""
    segments = segments_of(span)
    stem = f"{span.camera.key}_{span.begins:%Y%m%dT%H%M%SZ}".replace("/", "-")
    files = [_original(giving, one, work) for one in segments] if giving.original else []
    if segments:
        files.append(_drawn(giving, span, segments, work / f"{stem}.mp4"))
    return {
        "camera": span.camera.key,
        "address": span.camera.site.road_address or span.camera.site.lot_address,
        "begins": _text(span.begins),
        "ends": _text(span.ends),
        "gaps": [
            {"begins": _text(begins), "ends": _text(ends), "why": why}
            for begins, ends, why in gaps_of(span, segments)
        ],
        "files": files,
        "fetched_from": sorted({one.origin for one in segments if one.origin}),
    }


def _original(giving: Giving, segment: Segment, work: Path) -> dict[str, Any]:
    """A file as it was recorded, with the package's mark behind it in a box that players pass over."""
    begins = f"{segment.begins:%Y%m%dT%H%M%S}{segment.begins.microsecond // 1000:03}Z"
    name = f"original_{begins}_{segment.pk.hex[-6:]}.mp4"
    source, target = store.folder() / segment.path, work / name
    shutil.copyfile(source, target)
    with source.open("rb") as file:
        recorded = file_digest(file, "sha256").hexdigest()
    with target.open("ab") as out:
        out.write(box(b"uuid", MARK + _mark(giving).encode()))
    return {
        **_file(target, segment.begins, segment.ends),
        "treatment": "original",
        "recorded_bytes": segment.bytes,
        "recorded_sha256": recorded,
        **_origin(segment),
    }


def _origin(segment: Segment) -> dict[str, str]:
    """Where a file was fetched from, and when; nothing of what was recorded here."""
    if not segment.origin:
        return {}
    return {"fetched_from": segment.origin, "fetched": _text(segment.fetched)}


def _drawn(
    giving: Giving, span: GivingSpan, segments: list[Segment], target: Path
) -> dict[str, Any]:
    """The span as one file: masked, or marked."""
    if not can_encode():
        raise CameraError("this server has no encoder (libx264): nothing can be masked")
    veil = NOTHING
    if not giving.original:
        veil = hidden_of([span.camera_id], span.begins).get(span.camera_id, NOTHING)
    mark = _mark(giving) if giving.original else ""
    coder: Coder | None = None
    brush: _Strokes | None = None
    first: datetime | None = None
    last: tuple[Any, int] | None = None
    with private(target) as out:
        for frame, at in _frames(span, segments):
            if coder is None:
                first = at
                brush = _Strokes(span, veil, mark, frame)
                coder = Coder(brush.width, brush.height, most=2_500)
                out.write(coder.init)
            assert brush is not None
            assert first is not None
            time = round((at - first) / timedelta(seconds=1) * TIMESCALE)
            if last is not None:
                if time <= last[1]:
                    continue
                out.write(coder.encode(last[0], last[1], time - last[1])[0])
            last = brush.paint(frame, at), time
        if coder is None or first is None or last is None:
            raise CameraError("nothing of a recorded file can be played")
        out.write(coder.encode(last[0], last[1], TIMESCALE // 15)[0])
        coder.close()
    treatment = "marked" if giving.original else "masked"
    ends = first + timedelta(seconds=last[1] / TIMESCALE)
    return {
        **_file(target, first, ends),
        "treatment": treatment,
        "zones": veil.count,
        "moving_masks": 0 if giving.original else len(span.moving),
    }


def _frames(span: GivingSpan, segments: list[Segment]) -> Iterator[tuple[Any, datetime]]:
    """Every picture of the span with its moment."""
    for segment in segments:
        with av.open(str(store.folder() / segment.path)) as file:
            for frame in file.decode(video=0):
                at = segment.begins + timedelta(seconds=float(frame.time or 0))
                if span.begins <= at < span.ends:
                    yield frame, at


class _Strokes:
    """Paints the pictures of a span: its zones, by where the head stood; who was hidden by hand at that
    second; the mark."""

    def __init__(self, span: GivingSpan, veil: Veil, mark: str, frame: Any) -> None:
        self._span = span
        self._brushes = Brushes(veil, frame.width, frame.height, lines=LINES)
        self.width, self.height = self._brushes.width, self._brushes.height
        self._mark = _across(mark, self.width, self.height) if mark else None
        self._stood = track_of(span.camera_id, span.begins, span.ends)

    def paint(self, frame: Any, at: datetime) -> Any:
        second = (at - self._span.begins) / timedelta(seconds=1)
        moving = () if self._mark is not None else zones_at(self._span.moving, second)
        return self._brushes.of(self._stood.at(at), moving).paint(frame, self._mark)


def _across(words: str, width: int, height: int) -> Any:
    """Where words stand across a picture: again and again, so that no part can be cut out without."""
    import numpy as np

    wide = Image.new("L", (2 * width, 2 * height))
    pen, font = ImageDraw.Draw(wide), ImageFont.load_default(max(10, height // 24))
    for number, top in enumerate(range(0, 2 * height, height // 5)):
        line = f"{words}      " * 12
        pen.text((-(number % 3) * width // 6, top), line, fill=255, font=font)
    turned = wide.rotate(18).crop(
        (width // 2, height // 2, width // 2 + width, height // 2 + height)
    )
    return np.asarray(turned) > 127


def _mark(giving: Giving) -> str:
    """What tells one package from every other, in letters that every font has."""
    return f"{giving.city.key}/{giving} {giving.pk.hex[-8:]} {giving.decided:%Y-%m-%d}"


def _file(path: Path, begins: datetime, ends: datetime) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return {
        "name": path.name,
        "bytes": path.stat().st_size,
        "sha256": digest,
        "begins": _text(begins),
        "ends": _text(ends),
    }


def _manifest(giving: Giving, spans: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "package": {"number": str(giving), "id": str(giving.pk), "mark": _mark(giving)},
        "city": {"key": giving.city.key, "name": giving.city.name("ko")},
        "simulated": giving.city.simulated,
        "deed": giving.deed,
        "basis": {
            "code": giving.basis,
            "words": giving.get_basis_display(),
            "clause": giving.clause,
        },
        "request": giving.request,
        "receiver": giving.receiver,
        "document": giving.document,
        "purpose": giving.purpose,
        "items": giving.items,
        "limits": giving.limits,
        "prepared": {"by": str(giving.prepared_by), "at": _text(giving.prepared)},
        "approved": {"by": str(giving.decided_by), "at": _text(giving.decided)},
        "packed": _text(timezone.now()),
        "spans": [{**span, "files": [file["name"] for file in span["files"]]} for span in spans],
        "files": [file for span in spans for file in span["files"]],
    }


def _text(at: datetime | None) -> str:
    assert at is not None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
