"""Zip archives, unpacked with care: how much they hold is counted, not believed."""

from __future__ import annotations

import os
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import IO

from madang.ground.city.reasons import Refused

LARGEST = 8 << 30
BOMB_RATIO = 200
BOMB_FROM = 50 << 20
MOST_MEMBERS = 2_000
LARGEST_DIRECTORY = 16 << 20
END = b"PK\x05\x06"
PIECE = 1 << 20


def unpack(path: Path, into: Path) -> None:
    """Unpack path into the folder into; Refused for a bomb, a password, a broken or escaping member."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            check(path, members)
            left = _limit(path)
            for member in members:
                left -= _unpack_member(archive, member, into, left)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Refused("truncated") from error
    except NotImplementedError as error:
        raise Refused("broken", detail=str(error)) from error


def refuse_vast_directory(file: IO[bytes]) -> None:
    """The list of an archive's members is read whole by whoever opens it; Refused where it is vast."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (66 << 10)))
    tail = file.read()
    at = tail.rfind(END)
    if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > LARGEST_DIRECTORY:
        raise Refused("archive-too-many", limit=f"{MOST_MEMBERS:,}")


def check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """What the archive says of itself; Refused where that alone will not do."""
    if any(member.flag_bits & 1 for member in members):
        raise Refused("archive-locked")
    says = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS:
        raise Refused("archive-too-many", limit=f"{MOST_MEMBERS:,}")
    if says > LARGEST:
        raise Refused("archive-too-large", limit=f"{LARGEST >> 30} GiB")
    if says > _limit(path):
        raise Refused("archive-bomb", ratio=says // max(path.stat().st_size, 1))


def _limit(path: Path) -> int:
    return min(LARGEST, max(BOMB_FROM, path.stat().st_size * BOMB_RATIO))


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path, left: int) -> int:
    target = (into / _name(member)).resolve()
    if not target.is_relative_to(into.resolve()):
        raise Refused("archive-path", member=member.filename[:100])
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("wb") as file:
        while piece := source.read(PIECE):
            written += len(piece)
            if written > left:
                raise Refused("archive-bomb", ratio=BOMB_RATIO)
            file.write(piece)
    return written


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; archives made on Korean Windows write it in cp949 without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("cp949")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
