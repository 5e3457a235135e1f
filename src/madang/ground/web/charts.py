"""Charts: a table of numbers that script also draws. Without script, and for screen readers, the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from madang.ground.web.figures import decimals, number_text, unit_text
from madang.ground.web.registry import Text


@dataclass(frozen=True)
class Series:
    """One line or row of bars; None is unknown and stays a gap."""

    name: Text
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """What a page shows by {% include "web/chart.html" %}. unit is a UCUM code; source is told below."""

    title: Text
    labels_title: Text
    labels: Sequence[Text]
    series: Sequence[Series]
    kind: Literal["line", "bar"] = "line"
    unit: str = "1"
    source: Text = ""
    simulated: bool = False

    @property
    def unit_text(self) -> Text:
        return unit_text(self.unit)

    @property
    def lines(self) -> list[tuple[Text, list[tuple[str, str]]]]:
        """Each label with its cells: the number for script, and as it is read ("" for unknown)."""
        columns = [[_cell(value) for value in one.values] for one in self.series]
        return [
            (label, [column[row] for column in columns]) for row, label in enumerate(self.labels)
        ]


def _cell(value: float | None) -> tuple[str, str]:
    return ("", "") if value is None else (repr(value), number_text(value, decimals(value)))
