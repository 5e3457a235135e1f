"""From a path to the tables and layers in it, by what the bytes say and not by the name.

The readers of heavy forms are loaded with the first file of that form: most processes never see one.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from madang.ground.city.reading.archives import check, refuse_vast_directory, unpack
from madang.ground.city.reading.csvs import open_csv
from madang.ground.city.reading.geojsons import open_geojson
from madang.ground.city.reading.openers import goes_along, opener_of
from madang.ground.city.reading.rasters import open_raster
from madang.ground.city.reading.sheets import Sheet
from madang.ground.city.reading.stretches import refuse_long_stretches
from madang.ground.city.reasons import Because, Refused

SHAPEFILE_PARTS = {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".fix"}
TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
HEAD = 4096
MOST_WORDS = 64 << 20


@dataclass
class Found:
    """One file that was looked at: its sheets, or why it has none."""

    path: Path
    name: str
    sheets: list[Sheet] = field(default_factory=list)
    refused: Because | None = None


@contextmanager
def look_into(paths: list[Path], name: str = "") -> Iterator[list[Found]]:
    """Open files, folders and archives; what is unpacked lives until the block ends."""
    with ExitStack() as stack:
        yield [found for path in paths for found in _look(path, name or path.name, stack)]


def _look(path: Path, name: str, stack: ExitStack) -> Iterator[Found]:
    if path.is_dir():
        for part in sorted(path.iterdir()):
            if not part.name.startswith((".", "__MACOSX")) and not _goes_with_another(part):
                yield from _look(part, part.name, stack)
        return
    try:
        if _is_plain_zip(path):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="madang-")))
            unpack(path, folder)
            yield from (_member(found, name) for found in _look(folder, name, stack))
            return
        yield Found(path, name, open_file(path, name))
    except Because as reason:
        yield Found(path, name, refused=reason)


def _member(found: Found, archive: str) -> Found:
    """found, named as what it is: a member of an archive."""
    for sheet in found.sheets:
        sheet.name = f"{archive}/{sheet.name}"
    return Found(found.path, f"{archive}/{found.name}", found.sheets, found.refused)


def open_file(path: Path, name: str) -> list[Sheet]:
    """The sheets of one file; Refused where it holds none."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise Refused("empty")
    if head.startswith(b"PK\x03\x04"):
        return _workbook(path, name)
    if head.startswith((b"SQLite format 3\x00", b"\x00\x00\x27\x0a")):
        from madang.ground.city.reading.layers import open_layers

        return open_layers(_with_its_suffix(path, head), name)
    if head.startswith(TIFF):
        return [open_raster(path, name)]
    if b"OSMHeader" in head[:64]:
        return _osm(path, name, "pbf")
    if b"<osm" in head[:1024]:
        with path.open("rb") as file:
            refuse_long_stretches(file, b"<")
        return _osm(path, name, "osm")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return [open_geojson(path, name)]
    return _text(path, name, head)


def _text(path: Path, name: str, head: bytes) -> list[Sheet]:
    if opener := opener_of(path, head):
        return opener.open_sheets(path, name)
    if path.suffix.lower() in SHAPEFILE_PARTS:
        raise Refused("shapefile-part")
    return [open_csv(path, name)]


def _osm(path: Path, name: str, form: str) -> list[Sheet]:
    from madang.ground.city.reading.osm import open_osm

    return [open_osm(path, name, form)]


def _workbook(path: Path, name: str) -> list[Sheet]:
    from madang.ground.city.reading.workbooks import open_workbooks

    try:
        with zipfile.ZipFile(path) as archive:
            check(path, archive.infolist())
            _refuse_vast(archive.infolist())
            for member in archive.infolist():
                if member.filename.startswith("xl/worksheets/"):
                    with archive.open(member) as sheet:
                        refuse_long_stretches(sheet, b"<")
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Refused("truncated") from error
    except NotImplementedError as error:
        raise Refused("broken", detail=str(error)) from error
    return open_workbooks(path, name)


def _refuse_vast(members: list[zipfile.ZipInfo]) -> None:
    """The words of a workbook's cells are held in memory, whoever reads it."""
    words = sum(each.file_size for each in members if each.filename.endswith("sharedStrings.xml"))
    if words > MOST_WORDS:
        raise Refused("workbook-too-large", limit=f"{MOST_WORDS >> 20} MiB")


def _is_plain_zip(path: Path) -> bool:
    """Whether path is an archive of files, and not a workbook, which is one too."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
        refuse_vast_directory(file)
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except zipfile.BadZipFile as error:
        raise Refused("truncated") from error


def _goes_with_another(path: Path) -> bool:
    """Whether path is a part of a shapefile, or of what a system reads, that lies beside it."""
    beside = path.suffix.lower() in SHAPEFILE_PARTS and any(
        path.with_suffix(suffix).exists() for suffix in (".shp", ".SHP")
    )
    return beside or goes_along(path)


def _with_its_suffix(path: Path, head: bytes) -> Path:
    """GDAL chooses its driver by the suffix; a file that was uploaded may have lost it."""
    shapefile = head.startswith(b"\x00\x00\x27\x0a")
    if shapefile and not any(path.with_suffix(s).exists() for s in (".dbf", ".DBF")):
        raise Refused("shapefile-part")
    return path
