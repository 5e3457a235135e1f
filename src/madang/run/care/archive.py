"""A backup as a file: one tar of parts, the last of them a manifest with the size and SHA-256 of each.

The manifest comes last, so that an archive cut short has none and is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from madang.run.refusal import Refusal

MANIFEST = "manifest.json"
FORMAT = 1


class ArchiveError(Refusal):
    """The file is not a whole backup; the message says what is wrong with it."""


@dataclass(frozen=True)
class Part:
    """One file of the archive."""

    name: str
    size: int
    sha256: str


def pack(folder: Path, target: Path, about: dict[str, Any]) -> list[Part]:
    """Write every file below folder and a manifest into the file target, readable by its owner only.

    target appears whole or not at all. Raises FileExistsError when it is there already.
    """
    draft = target.with_name(f".{target.name}.part")
    if target.exists():
        raise FileExistsError(target)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    parts = [_part(path, folder) for path in files]
    manifest = {"format": FORMAT, **about, "parts": [asdict(part) for part in parts]}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
    try:
        with _private(draft) as file, tarfile.open(fileobj=file, mode="w") as tar:
            for path in [*files, folder / MANIFEST]:
                tar.add(path, arcname=str(path.relative_to(folder)), filter=_anonymous)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return parts


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Write the archive's parts into folder; return the manifest.

    Raises ArchiveError when a part is missing, changed or not named by the manifest.
    """
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError(f"{source} cannot be read as a backup: {error}") from error
    manifest = _manifest(folder, source)
    _compare(folder, [Part(**part) for part in manifest["parts"]], source)
    return manifest


def _manifest(folder: Path, source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (FileNotFoundError, ValueError) as error:
        raise ArchiveError(
            f"{source} has no manifest: it is cut short or is no backup of Madang. Copy it again "
            "from where it was made."
        ) from error
    if manifest.get("format") != FORMAT:
        raise ArchiveError(
            f"{source} is a backup of form {manifest.get('format')} and this version reads form "
            f"{FORMAT}. Bring it back with the version that made it: {manifest.get('madang')}."
        )
    return manifest


def _compare(folder: Path, parts: list[Part], source: Path) -> None:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    named = {part.name for part in parts}
    if odd := (found - {MANIFEST}) ^ named:
        raise ArchiveError(f"{source} and its manifest differ in {', '.join(sorted(odd))}.")
    for part in parts:
        if _part(folder / PurePosixPath(part.name), folder) != part:
            raise ArchiveError(
                f"{part.name} in {source} is not what was saved: its checksum differs. "
                "Use another copy of this backup."
            )


def _part(path: Path, folder: Path) -> Part:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.relative_to(folder).as_posix(), path.stat().st_size, digest)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names and numbers of this machine's users."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    """A new file that only its owner may read, on disk when the block ends."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
