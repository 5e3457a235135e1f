"""A report's figures drawn on its paper: the plan's map, and what is held year by year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.ground.web.figures import decimals, number_text
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.pictures import COOLER
from madang.systems.climate.report.letters import written
from madang.systems.climate.report.plan_map import HEIGHT, WIDTH, PlanMap, rounded_up

if TYPE_CHECKING:
    from fpdf import FPDF

SMALL, LINE = 7.0, 4.0  # points; mm
INK, FAINT, ROAD, EDGE = (33, 37, 41), (206, 212, 218), (173, 181, 189), (73, 80, 87)
GREEN, RED, BAND, ROOF = (47, 125, 50), (201, 42, 42), (211, 233, 215), (102, 168, 15)
CHART_HEIGHT, LEFT, STEPS = 52.0, 16.0, 5  # mm; mm for the numbers of the axis; lines of its grid


class Figure(Protocol):
    """Something drawn under a table; words are all that it writes, so that the font holds them."""

    @property
    def height(self) -> float: ...

    def words(self) -> list[str]: ...

    def draw(self, paper: FPDF, top: float) -> None: ...


@dataclass(frozen=True)
class MapFigure:
    """The map with what its colours and lines mean."""

    of: PlanMap
    height: float = HEIGHT + 3 * LINE

    def words(self) -> list[str]:
        return [*self._ends(), self._metres()[1], *(text for text, _, _ in self._meanings()),
                self._caption(), *(name for name, _, _ in self.of.names)]  # fmt: skip

    def draw(self, paper: FPDF, top: float) -> None:
        left = paper.l_margin
        with paper.rect_clip(left, top, WIDTH, HEIGHT):
            self._ground(paper, left, top)
            self._plan(paper, left, top)
            self._names(paper, left, top)
        paper.set_draw_color(*EDGE)
        paper.set_line_width(0.2)
        paper.rect(left, top, WIDTH, HEIGHT)
        self._scale_bar(paper, left, top + HEIGHT)
        self._legend(paper, left, top + HEIGHT + 1.5)

    def _ground(self, paper: FPDF, left: float, top: float) -> None:
        paper.image(BytesIO(self.of.picture), left, top, WIDTH, HEIGHT)
        paper.set_draw_color(*ROAD)
        for weight, points in self.of.roads:
            paper.set_line_width(weight)
            paper.polyline(_on(points, left, top))
        paper.set_draw_color(*EDGE)
        paper.set_line_width(0.25)
        with _dashed(paper, 1.6):
            for _name, points in self.of.districts:
                paper.polyline(_on(points, left, top))

    def _plan(self, paper: FPDF, left: float, top: float) -> None:
        paper.set_draw_color(*GREEN)
        paper.set_line_width(0.9)
        for points in self.of.lines:
            paper.polyline(_on(points, left, top))
        paper.set_fill_color(*ROOF)
        paper.set_line_width(0.2)
        for points in self.of.areas:
            paper.polygon(_on(points, left, top), style="DF")

    def _names(self, paper: FPDF, left: float, top: float) -> None:
        paper.set_text_color(*INK)
        paper.set_font("madang", "B", SMALL)
        for name, x, y in self.of.names:
            half = paper.get_string_width(written(name)) / 2
            paper.text(left + min(max(x - half, 1), WIDTH - 2 * half - 1), top + y, written(name))

    def _metres(self) -> tuple[float, str]:
        """A round length of about a sixth of the map's width, and its name."""
        length = rounded_up(self.of.metres / 12)
        far = number_text(length / 1000, 0) if length >= 1000 else number_text(length, 0)
        return length, f"{far} {'km' if length >= 1000 else 'm'}"

    def _scale_bar(self, paper: FPDF, left: float, bottom: float) -> None:
        length, said = self._metres()
        wide = length / self.of.metres * WIDTH
        paper.set_fill_color(255, 255, 255)
        paper.rect(left + 1, bottom - 6.5, wide + 4, 5.5, style="F")
        paper.set_line_width(0.4)
        paper.line(left + 3, bottom - 2.2, left + 3 + wide, bottom - 2.2)
        paper.set_font("madang", "", SMALL)
        paper.text(left + 3, bottom - 3.2, said)

    def _ends(self) -> tuple[str, str]:
        digits = decimals(self.of.most, self.of.most)
        end = number_text(self.of.most, digits)
        return f"-{end} °C", f"+{end} °C"

    def _meanings(self) -> Iterator[tuple[str, tuple[int, int, int], float]]:
        if self.of.lines:
            yield pgettext("on a map", "Trees"), GREEN, 0.9
        if self.of.areas:
            yield _("Roofs and grounds"), ROOF, 2.4
        yield _("Roads"), ROAD, 0.5

    def _caption(self) -> str:
        return _("Change of the air on the hot day, all of the plan together")

    def _legend(self, paper: FPDF, left: float, top: float) -> None:
        paper.set_font("madang", "", SMALL)
        low, high = self._ends()
        at = left + _write(paper, left, top, low) + 1
        for words in COOLER:
            paper.set_fill_color(*_colour(words))
            paper.rect(at, top + 0.6, 6, 2.8, style="DF")
            at += 6
        at += 1 + _write(paper, at + 1, top, high) + 5
        for text, colour, weight in self._meanings():
            paper.set_draw_color(*colour)
            paper.set_line_width(weight)
            paper.line(at + 1, top + 2, at + 6, top + 2)
            at += 9 + _write(paper, at + 9, top, text) + 5
        paper.set_xy(left, top + LINE)
        paper.cell(0, LINE, written(self._caption()))


@dataclass(frozen=True)
class YearsFigure:
    """CO2 held at the end of each year with its interval, beside what was spent on making it."""

    rows: Sequence[dict[str, Any]]
    spent: float  # t C
    height: float = CHART_HEIGHT + 3 * LINE

    def words(self) -> list[str]:
        return [self._held(), self._spent(), _("Year"), "tCO₂", "-0123456789., "]

    def _held(self) -> str:
        return _("Held, with its 95 % interval")

    def _spent(self) -> str:
        return _("CO₂ spent on making it")

    def draw(self, paper: FPDF, top: float) -> None:
        left, bottom = paper.l_margin + LEFT, top + CHART_HEIGHT
        years = [row["year"] for row in self.rows]
        low, step = self._axis()
        high = low + step * STEPS

        def at(year: float, tonnes: float) -> tuple[float, float]:
            x = left + (year - years[0]) / max(1, years[-1] - years[0]) * (WIDTH - LEFT - 2)
            return x, bottom - (tonnes - low) / (high - low) * CHART_HEIGHT

        self._grid(paper, at, low, step)
        names = "low_t", "high_t", "carbon_t"
        lower, upper, held = (
            [at(row["year"], row[name] * CO2) for row in self.rows] for name in names
        )
        paper.set_fill_color(*BAND)
        paper.polygon([*lower, *reversed(upper)], style="F")
        paper.set_draw_color(*GREEN)
        paper.set_line_width(0.7)
        paper.polyline(held)
        if self.spent:
            paper.set_draw_color(*RED)
            with _dashed(paper, 2.0):
                paper.line(*at(years[0], self.spent * CO2), *at(years[-1], self.spent * CO2))
        self._legend(paper, paper.l_margin, bottom + LINE + 1)

    def _axis(self) -> tuple[float, float]:
        """The lowest number of the axis and the step of its grid: round, and around everything."""
        values = [row[name] * CO2 for row in self.rows for name in ("low_t", "high_t")]
        least, most = min(0.0, *values), max(self.spent * CO2, *values)
        step = rounded_up((most - least) / STEPS)
        while step * np.floor(least / step) + STEPS * step < most:
            step = rounded_up(step * 1.01)
        return float(step * np.floor(least / step)), step

    def _grid(self, paper: FPDF, at: Any, low: float, step: float) -> None:
        first, last = self.rows[0]["year"], self.rows[-1]["year"]
        paper.set_font("madang", "", SMALL)
        paper.set_text_color(*INK)
        paper.set_draw_color(*FAINT)
        paper.set_line_width(0.15)
        for number in range(STEPS + 1):
            value = low + number * step
            paper.line(*at(first, value), *at(last, value))
            said = number_text(value, decimals(step, step))
            x, y = at(first, value)
            paper.text(x - 1.5 - paper.get_string_width(said), y + 0.9, said)
        for year in range(first, last + 1, 5):
            x, y = at(year, low)
            paper.text(x - paper.get_string_width(str(year)) / 2, y + 3.4, str(year))

    def _legend(self, paper: FPDF, left: float, top: float) -> None:
        at = left + _write(paper, left, top, "tCO₂") + 6
        paper.set_fill_color(*BAND)
        paper.rect(at, top + 0.6, 7, 2.8, style="F")
        paper.set_draw_color(*GREEN)
        paper.line(at, top + 2, at + 7, top + 2)
        at += 8.5 + _write(paper, at + 8.5, top, self._held()) + 6
        if self.spent:
            paper.set_draw_color(*RED)
            with _dashed(paper, 2.0):
                paper.line(at, top + 2, at + 7, top + 2)
            _write(paper, at + 8.5, top, self._spent())
        year = written(_("Year"))
        paper.text(paper.l_margin + WIDTH - paper.get_string_width(year), top + 3, year)


def _on(points: Any, left: float, top: float) -> list[tuple[float, float]]:
    return [(left + float(x), top + float(y)) for x, y in points]


def _write(paper: FPDF, left: float, top: float, text: str) -> float:
    """text on a line; how wide it is."""
    paper.text(left, top + 3, written(text))
    return float(paper.get_string_width(written(text)))


@contextmanager
def _dashed(paper: FPDF, length: float) -> Iterator[None]:
    paper.set_dash_pattern(length, length * 0.7)
    yield
    paper.set_dash_pattern()


def _colour(words: str) -> tuple[int, int, int]:
    red, green, blue = (int(words[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
