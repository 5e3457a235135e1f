"""The translation catalogues: one domain, a folder in each room, compiled beside its source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polib

SOURCES = Path(__file__).resolve().parents[2]
LANGUAGES = ("ko", "ja")


def catalogues(sources: Path = SOURCES) -> Iterator[Path]:
    """Every room's django.po."""
    yield from sorted(sources.rglob("locale/*/LC_MESSAGES/django.po"))


def compile_all(sources: Path = SOURCES) -> int:
    """Write each catalogue's .mo, which gettext reads; how many were written."""
    written = 0
    for path in catalogues(sources):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
        written += 1
    return written
