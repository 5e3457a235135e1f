"""What a plan does, in words and numbers that a citizen reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madang.ground.web.figures import number_text
from madang.systems.climate.domain import catalogue
from madang.systems.climate.models import ClassRow, Edit, Kind, Scenario

TOLD = 4  # decimals of °C, and more than the model can tell


def warmer(celsius: float | None) -> str | None:
    """A change of the air with its sign, none where it is too small to be told; None: nobody knows."""
    if celsius is None:
        return None
    rounded = round(celsius, TOLD) + 0.0
    return f"{rounded:+.{TOLD}f}" if rounded else "0"


def felt(zones: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The districts of which there is something to tell, those with most carbon, then most heat, first."""
    told = [
        zone
        for zone in zones
        if round(zone["carbon_t"], 2) or warmer(zone["celsius"]) not in (None, "0")
    ]
    return sorted(
        told, key=lambda zone: (-round(abs(zone["carbon_t"]), 2), -abs(zone["celsius"] or 0.0))
    )


@dataclass(frozen=True)
class Done:
    """One kind of thing that a plan does: how many trees, or square metres."""

    what: str
    amount: float
    unit: str
    places: int

    def __str__(self) -> str:
        if self.unit == "tree":
            said = ngettext(
                "%(what)s: %(amount)s tree", "%(what)s: %(amount)s trees", int(self.amount)
            )
        else:
            said = _("%(what)s: %(amount)s ㎡")
        return said % {"what": self.what, "amount": number_text(round(self.amount), 0)}


def done(edits: Iterable[Edit], names: dict[int, str] | None = None) -> list[Done]:
    """Edits summed up by what they are, in the order in which they came first."""
    sums: dict[tuple[str, str], tuple[float, int]] = {}
    for edit in edits:
        key = (title(edit, names or {}), "tree" if edit.kind == Kind.TREES else "m2")
        amount, places = sums.get(key, (0.0, 0))
        sums[key] = amount + how_much(edit), places + 1
    return [Done(what, amount, unit, places) for (what, unit), (amount, places) in sums.items()]


def title(edit: Edit, names: dict[int, str]) -> str:
    """names: what the classes of land cover are called."""
    if edit.kind == Kind.TREES:
        species = catalogue.SPECIES.get(edit.what.get("species", ""))
        return _("Street trees (%(species)s)") % {"species": species.title if species else "—"}
    if edit.kind == Kind.ROOF:
        roof = catalogue.ROOFS.get(edit.what.get("roof", ""))
        return _("Green roof (%(kind)s)") % {"kind": roof.title if roof else "—"}
    if edit.kind == Kind.COOL:
        return _("Cool roof")
    return _("Land becomes: %(name)s") % {"name": names.get(edit.code or 0, edit.code)}


def how_much(edit: Edit) -> float:
    """Trees along the lines, or square metres of what was drawn; a roof's by the share that is covered."""
    rings = [np.asarray(ring, np.float64) for ring in edit.rings or ()]
    if edit.kind == Kind.TREES:
        spacing = float(edit.what.get("spacing") or 8)
        return sum(max(1, int(shapely.LineString(ring).length // spacing)) for ring in rings)
    if not rings:
        return 0.0
    return float(shapely.Polygon(rings[0], rings[1:]).area) * float(edit.what.get("share") or 1)


def class_names(plan: Scenario) -> dict[int, str]:
    rows = ClassRow.objects.filter(table=plan.table_id).values_list("code", "name").distinct()
    return dict(rows)
