"""Why a file or a row was not taken, and what a report says of one that was.

What is stored is a code and its figures; the sentence is made when it is read, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Note = dict[str, Any]

SENTENCES: dict[str, str | Promise] = {
    # of a whole file
    "empty": _("The file is empty."),
    "not-data": _("This is not a table, map or archive that can be read."),
    "truncated": _("The file breaks off before its end. Fetch it again and send the whole file."),
    "broken": _("The file cannot be read: %(detail)s"),
    "archive-too-large": _(
        "The archive unpacks to more than %(limit)s; unpack it yourself and send the files you need."
    ),
    "archive-too-many": _(
        "The archive holds more than %(limit)s files; unpack it yourself and send those you need."
    ),
    "endless-line": _("A line or cell is longer than %(limit)s; this is not a table."),
    "endless-feature": _(
        "One feature of the map is larger than %(limit)s. Simplify it, or send it as GeoPackage."
    ),
    "endless-word": _("One word of the file is longer than %(limit)s; such files are not opened."),
    "too-many-columns": _("The table has more than %(limit)s columns; send those you need."),
    "too-many-districts": _(
        "The file has more than %(limit)s districts. A city keeps its districts in memory: send its"
        " own only."
    ),
    "too-fine": _(
        "The outlines together are larger than %(limit)s. A city keeps them in memory: send its own"
        " only, or simplify them."
    ),
    "too-many-stations": _(
        "The file has more than %(limit)s stations, each of which would be a device; send the city's"
        " own only."
    ),
    "workbook-too-large": _(
        "The workbook holds more than %(limit)s of words; save its sheets as CSV and send these."
    ),
    "archive-bomb": _(
        "The archive unpacks to %(ratio)s times its size; such files are not opened."
    ),
    "archive-locked": _("The archive has a password; send it without one."),
    "archive-path": _("The archive holds a file that points outside it: %(member)s"),
    "shapefile-part": _(
        "A shapefile is several files (.shp, .dbf, .shx, .prj); send them together in one .zip."
    ),
    "unrecognised": _(
        "Nothing here recognises this file. Its columns: %(columns)s. Recognised are: %(known)s"
    ),
    "ambiguous": _(
        "The file could be any of these: %(known)s. Take out columns that do not belong."
    ),
    "no-crs": _(
        "The file does not say in which coordinate system it is, and its numbers (%(x)s, %(y)s) fit"
        " more than one or none. Say it: --crs EPSG:5186, EPSG:5179 or EPSG:4326."
    ),
    "in-the-sea": _(
        "In %(crs)s the points would lie near %(lon)s, %(lat)s, %(km)s km from the city, in the sea"
        " or in another country. Say the right coordinate system: --crs EPSG:5186, EPSG:5179 …"
    ),
    "swapped": _(
        "Latitude and longitude look swapped: the points would lie near %(lon)s, %(lat)s."
    ),
    "bad-crs": _(
        "There is no coordinate system %(crs)s. Known are, for example, EPSG:5186, 5179, 4326."
    ),
    "no-rows": _("The file has columns but no rows."),
    "stopped": _("It was stopped before it was done; nothing of the city has changed."),
    "unexpected": _(
        "Something went wrong on our side: %(detail)s. Nothing of the city has changed."
    ),
    "moved-on": _("The city has changed since this was shown; look at the changes again."),
    "not-shown": _("This import is not waiting for an answer; look at it again."),
    "not-applied": _("This import is not in force: it was never applied, or undone already."),
    "later": _(
        "Later imports changed %(count)s of its rows: %(files)s. Undo those first. Rows: %(keys)s"
    ),
    "stood-on": _(
        "Later imports stand on its rows (%(what)s: %(count)s): %(files)s. Undo those first, the newest"
        " first, and then this one."
    ),
    "in-use": _("Other things of the city stand on its rows (%(detail)s); take those away first."),
    # of one row
    "cells": _("The row has %(found)s cells where the header has %(expected)s."),
    "unreadable": _("The row is neither UTF-8 nor cp949."),
    "missing": _("%(column)s is empty."),
    "long-key": _("The row's key is longer than %(limit)s letters."),
    "not-a-number": _("%(column)s is not a number: %(value)s"),
    "not-a-date": _("%(column)s is not a date: %(value)s"),
    "not-a-time": _("%(column)s is not a time: %(value)s"),
    "not-an-hour": _("%(column)s is no whole hour: %(value)s"),
    "not-measured": _("The row has no measured value."),
    "out-of-range": _("%(column)s is out of range: %(value)s"),
    "unknown-word": _("%(column)s has a word that is not known: %(value)s"),
    "no-point": _("The row has no coordinates."),
    "no-shape": _("The row has no geometry, or one that cannot be read."),
    "wrong-shape": _("The geometry is a %(found)s where a %(expected)s belongs."),
    "crossing": _("The outline crosses itself and cannot be repaired without guessing."),
    "outside": _("The point lies %(km)s km outside the city (%(lon)s, %(lat)s)."),
    "repeated": _("The same key (%(key)s) stands in row %(first)s already."),
    "no-district": _("The city has no district %(district)s; import the districts first."),
    "own-loop": _("The link begins and ends at the same place and has no length."),
    # notes on what was taken
    "encoding": _("Read as %(encoding)s."),
    "mixed-encodings": _("%(count)s rows were in another encoding (%(encoding)s) than the rest."),
    "crs-declared": _("Coordinate system %(crs)s, as the file says."),
    "crs-asked": _("Coordinate system %(crs)s, as you said."),
    "crs-guessed": _("The file names no coordinate system; its points fit the city in %(crs)s."),
    "near-outside": _("%(count)s points lie up to %(metres)s m outside the city; they were taken."),
    "same-place": _("%(count)s rows share their coordinates with another row."),
    "repaired": _("%(count)s outlines crossed themselves and were repaired."),
    "joined": _("%(count)s links came in pieces and were joined."),
    "unknown-zero": _("%(column)s is 0 in %(count)s rows: taken as unknown."),
    "blank": _("%(column)s is empty in %(count)s rows."),
    "no-node": _("%(count)s link ends name a node that the file of nodes may not have."),
    "made-parents": _("%(count)s districts were made by joining those they consist of."),
    "as-of-many": _("The rows speak of different days, from %(first)s to %(last)s."),
    "no-date": _(
        "The file does not say of which day it speaks; give its date (--date on the command line)."
    ),
    "not-in-file": _("%(count)s rows of this data set are not in the file; they stay as they are."),
    "no-station": _(
        "The file names no station; what it holds is kept as measured in the city, place unknown."
    ),
    "not-drawn": _("%(count)s objects are of no kind the city keeps and were passed over."),
    "incomplete": _("%(count)s objects lead out of the extract and were passed over."),
}


def learn(sentences: Mapping[str, str | Promise]) -> None:
    """Add a system's own reasons; their codes begin with its name."""
    SENTENCES.update(sentences)


def storable(value: Any) -> Any:
    """value without what PostgreSQL cannot keep as text or JSON: the character 0, half characters."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    return value


class Because(Exception):
    """Something was not taken; code is a key of SENTENCES, figures are its numbers and words."""

    def __init__(self, code: str, /, **figures: Any) -> None:
        super().__init__(code, figures)
        self.code = code
        self.figures = storable(figures)

    def __str__(self) -> str:
        return say(self.code, self.figures)

    @property
    def note(self) -> Note:
        return note(self.code, **self.figures)


class Refused(Because):
    """The whole file cannot be taken."""


class Rejected(Because):
    """This one row cannot be taken."""


def note(code: str, /, **figures: Any) -> Note:
    return {"code": code, **figures}


def say(code: str, figures: dict[str, Any]) -> str:
    """The sentence in the language of the moment."""
    return str(SENTENCES[code]) % figures


def say_note(stored: Note) -> str:
    return say(stored["code"], {name: stored[name] for name in stored if name != "code"})
