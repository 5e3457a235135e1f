"""What somebody typed into the console's one box, and how text in the database is matched with it.

Spaces do not count ("수원 시청" finds "수원시청" and the other way round), several words must all be
there, and a lone Korean consonant stands for any syllable that begins with it: "ㅅㅇㅅㅊ" finds 수원시청.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_, or_
from typing import TypeVar

from django.db.models import CharField, F, Func, Model, Q, QuerySet, Value
from django.db.models.functions import Lower, Replace

Row = TypeVar("Row", bound=Model)
MOST_LETTERS = 100
CONSONANTS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FIRST_SYLLABLE = ord("가")
SYLLABLES_EACH = 588
_POINT = re.compile(
    r"(-?\d{1,3}(?:\.\d+)?)°?\s*([NSEW])?\s*[,/ ]\s*(-?\d{1,3}(?:\.\d+)?)°?\s*([NSEW])?", re.I
)
_SEXAGESIMAL = re.compile(
    r"""([NSEW])?\s*(\d{1,3})\s*[°도]\s*(?:(\d{1,2}(?:\.\d+)?)\s*['′’분]\s*)?"""
    r"""(?:(\d{1,2}(?:\.\d+)?)\s*(?:["″”초]|'')\s*)?([NSEW])?""",
    re.I,
)


@dataclass(frozen=True)
class Words:
    """One thing typed. raw is as it came; it is cut at 100 letters."""

    raw: str

    @cached_property
    def text(self) -> str:
        """The words in one form: composed, lower case, single spaces."""
        composed = unicodedata.normalize("NFKC", self.raw[:MOST_LETTERS])
        # NFKC makes ㄱ typed alone a conjoining jamo; the box speaks of the letters on the keyboard.
        return " ".join(_keyboard(composed).lower().split())

    @property
    def parts(self) -> list[str]:
        return self.text.split()

    @property
    def initials(self) -> bool:
        """Whether some of it is lone consonants."""
        return any(letter in CONSONANTS for letter in self.text)

    @cached_property
    def number(self) -> str:
        """The digits, if it is a number as things are numbered (with dashes); else empty."""
        bare = self.text.replace(" ", "").replace("-", "")
        return bare if bare.isdigit() else ""

    @cached_property
    def point(self) -> tuple[float, float] | None:
        """lon and lat, if it is a pair of degrees in either order; Korea's latitude is the smaller."""
        typed = self.raw.strip()[:MOST_LETTERS]
        found = _POINT.fullmatch(_decimal(typed))
        if not found or ("." not in found[1] and "." not in found[3]):
            return None
        first, second = float(found[1]), float(found[3])
        named = (found[2] or "").upper()
        swapped = named in ("E", "W") or (not named and abs(first) > 90)
        lat, lon = (second, first) if swapped else (first, second)
        return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None

    def among(self, rows: QuerySet[Row], *fields: str) -> QuerySet[Row]:
        """The rows of which each word stands in one of fields."""
        if not self.parts:
            return rows.none()
        bare = {f"_bare_{at}": _bare(field) for at, field in enumerate(fields)}
        found: QuerySet[Row] = rows.alias(**bare).filter(
            reduce(
                and_, (reduce(or_, (self._in(name, part) for name in bare)) for part in self.parts)
            )
        )
        return found

    def rank(self, title: str) -> float:
        """How well a title fits, 0 the same words to 1: for putting hits of several systems in order."""
        bare, wanted = _despaced(title), _despaced(self.text)
        if bare == wanted:
            return 0.0
        found = re.search(self._pattern(wanted), bare)
        if not found:
            return 0.9
        length = 1 - len(wanted) / max(len(bare), 1)
        return (0.1 if found.start() == 0 else 0.4) + 0.3 * length

    def _in(self, name: str, part: str) -> Q:
        if any(letter in CONSONANTS for letter in part):
            return Q(**{f"{name}__regex": self._pattern(part)})
        return Q(**{f"{name}__contains": part})

    @staticmethod
    def _pattern(part: str) -> str:
        return "".join(_syllables(letter) for letter in part)


def _syllables(letter: str) -> str:
    """A lone consonant as the range of syllables that begin with it."""
    if letter not in CONSONANTS:
        return re.escape(letter)
    first = FIRST_SYLLABLE + CONSONANTS.index(letter) * SYLLABLES_EACH
    return f"[{letter}{chr(first)}-{chr(first + SYLLABLES_EACH - 1)}]"


def _keyboard(text: str) -> str:
    conjoining = 0x1100
    return "".join(
        CONSONANTS[ord(letter) - conjoining]
        if 0 <= ord(letter) - conjoining < len(CONSONANTS)
        else letter
        for letter in text
    )


def _decimal(typed: str) -> str:
    """A pair of degrees, minutes and seconds (37°15'49"N 127°1'43"E) as decimal degrees."""
    found = list(_SEXAGESIMAL.finditer(typed))
    between = _SEXAGESIMAL.sub("", typed).strip(" ,/")
    if len(found) != 2 or between or not all(one[3] for one in found):
        return typed
    return ", ".join(f"{_degrees(one):.7f}{one[1] or one[5] or ''}" for one in found)


def _degrees(one: re.Match[str]) -> float:
    size = int(one[2]) + float(one[3] or 0) / 60 + float(one[4] or 0) / 3600
    return -size if (one[1] or one[5] or "").upper() in ("S", "W") else size


def _despaced(text: str) -> str:
    return text.lower().replace(" ", "")


def _bare(field: str) -> Func:
    return Replace(Lower(F(field), output_field=CharField()), Value(" "), Value(""))
