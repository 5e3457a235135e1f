"""Reasons of imports in the city's form: the engine's refusals, and what only files can be refused for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import isfinite

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madang.ground.city.public import Refused
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.sentences import SENTENCES

PREFIX = "climate-"
OWN: Mapping[str, str | Promise] = {
    "which-surface": _(
        "What this raster holds cannot be told from its words or values (%(low)s to %(high)s). Write it"
        " into the file and send it again: gdal_edit.py -mo LAYER=albedo FILE, with one of %(known)s."
    ),
    "unknown-tree": _(
        "%(column)s is a kind of tree without an equation here: %(value)s. Correct the word, or leave"
        " the row out. Known are: %(known)s"
    ),
    "bad-trunk": _(
        "%(column)s is no trunk of a tree: %(value)s. Write cm at breast height, 0.5 to 300."
    ),
    "bad-height": _("%(column)s is no height of a house: %(value)s. Write metres, 0 to 2,000."),
    "bad-class": _("%(column)s is no class of land cover: %(value)s."),
    "no-pnu": _("%(column)s is no PNU of 19 digits: %(value)s."),
    "outside-surface": _(
        "%(count)s outlines lie outside the city's land cover and were passed over."
    ),
    "no-outlines-here": _("No outline of the file lies on the city's land cover (%(extent)s)."),
    "not-a-number-cells": _("%(count)s cells are not a number (NaN) and were taken as unknown."),
    "storeys": _("%(count)s heights are taken from storeys, 3 m each."),
}
REASONS: Mapping[str, str | Promise] = {
    f"{PREFIX}{code}": sentence for code, sentence in (*SENTENCES.items(), *OWN.items())
}


@contextmanager
def as_reasons() -> Iterator[None]:
    """The engine's refusals as those of a whole file."""
    try:
        yield
    except Refusal as refusal:
        words = {key: _plain(value) for key, value in refusal.words.items()}
        raise Refused(f"{PREFIX}{refusal.code}", **words) from refusal


def _plain(value: object) -> object:
    if isinstance(value, str | int) or (isinstance(value, float) and isfinite(value)):
        return value
    return str(value)
