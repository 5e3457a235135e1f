"""XML files a piece at a time, so that memory does not grow with the file."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast
from xml.etree.ElementTree import (
    Element,
    ParseError,
    iterparse,
)

from madang.systems.traffic.sources.refusal import UnreadableError

HEAD = 65_536
MOST_BYTES = 4 << 30
GZIP = b"\x1f\x8b"


def elements(path: Path, wanted: frozenset[str]) -> Iterator[Element]:
    """The elements of these names right below the root, each whole, and no longer held after its turn.

    UnreadableError where the file is no XML, breaks off, is not there, or has a DTD (nothing of ours
    has one, and a DTD can name other files or grow without end).
    """
    try:
        with _opened(path) as file:
            yield from _stream(file, wanted, path)
    except (ParseError, EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
        raise UnreadableError("broken-xml", file=path.name, detail=str(error)) from error


def root_of(path: Path) -> str:
    """The name of the file's root element."""
    try:
        with _opened(path) as file:
            for _, element in iterparse(file, events=("start",)):  # noqa: S314
                return str(element.tag)
    except (ParseError, EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
        raise UnreadableError("broken-xml", file=path.name, detail=str(error)) from error
    raise UnreadableError("broken-xml", file=path.name, detail="empty")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        zipped = file.read(2) == GZIP
        file.seek(0)
        content = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if zipped else file
        head = content.read(HEAD)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise UnreadableError("xml-with-dtd", file=path.name)
        content.seek(0)
        yield content


def _stream(file: IO[bytes], wanted: frozenset[str], path: Path) -> Iterator[Element]:
    depth, root = 0, None
    for event, element in iterparse(file, events=("start", "end")):  # noqa: S314
        if event == "start":
            root = element if root is None else root
            depth += 1
            continue
        depth -= 1
        if depth == 1:
            if file.tell() > MOST_BYTES:
                raise UnreadableError("file-too-large", file=path.name, limit="4 GiB")
            if element.tag in wanted:
                yield element
            if root is not None:
                root.clear()
