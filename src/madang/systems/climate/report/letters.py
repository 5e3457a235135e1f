"""The letters of a report: of the pieces of fonts that the pages use, those that hold what is written.

Pretendard and Noto Sans JP stand under the SIL Open Font License, which allows them to be part of a
document.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

WEIGHTS = {"": 400, "B": 600}
UNITS = 2048  # of an em, in every piece
INSTEAD = {"₂": "2", "㏊": "ha", "\u00a0": " ", "\u202f": " "}  # letters that no font of ours has


def written(text: str) -> str:
    """text in letters that there are."""
    for letter, other in INSTEAD.items():
        text = text.replace(letter, other)
    return text


def pieces(text: str, style: str) -> list[tuple[Path, int | None]]:
    """The files that together hold text's letters, with the weight to take of a variable one."""
    weight, wanted = WEIGHTS[style], {ord(letter) for letter in text} | {ord(" ")}
    found: list[tuple[Path, int | None]] = []
    for pattern, variable in (
        (f"pretendard-{weight}-*.woff2", False),
        ("noto-sans-jp-*.woff2", True),
    ):
        for path, letters in _held(pattern):
            if wanted & letters:
                found.append((path, weight if variable else None))
                wanted -= letters
        if not wanted:
            break
    return found


def face(text: str, style: str, folder: Path) -> Path:
    """One font of all the letters of text, made in folder of the pieces that hold them.

    One, because a line that changes fonts within a word is set wrongly where it breaks.
    """
    from fontTools.merge import Merger

    parts = []
    for number, (path, weight) in enumerate(pieces(text, style)):
        part = folder / f"{style}{number}.ttf"
        _cut(path, weight, text).save(part)
        parts.append(str(part))
    whole = folder / f"{style}whole.ttf"
    Merger().merge(parts).save(whole)
    return whole


def _cut(path: Path, weight: int | None, text: str) -> Any:
    """The letters of text that a piece has, upright shapes alone."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.scaleUpem import scale_upem
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(path)
    options = Options(layout_features=[], hinting=False, notdef_outline=True, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "meta", "DSIG"]
    cutter = Subsetter(options)
    cutter.populate(text=text + " ")
    cutter.subset(font)
    if weight is not None:
        font = instantiateVariableFont(font, {"wght": weight})
    scale_upem(font, UNITS)
    font.flavor = None
    for name in ("STAT", "HVAR", "MVAR", "avar", "fvar", "gvar"):
        if name in font:
            del font[name]
    return font


@lru_cache(maxsize=8)
def _held(pattern: str) -> tuple[tuple[Path, frozenset[int]], ...]:
    """Which letters each file has; the file with the most of Latin first, as it sets the lines' height."""
    from fontTools.ttLib import TTFont  # heavy, and only for reports

    files = sorted((Path(settings.STATIC_ROOT) / "assets").glob(pattern))
    held = [(path, frozenset(TTFont(path, lazy=True).getBestCmap() or ())) for path in files]
    latin = range(0x20, 0x7F)
    held.sort(
        key=lambda one: (-sum(letter in one[1] for letter in latin), len(one[1]), one[0].name)
    )
    return tuple(held)
