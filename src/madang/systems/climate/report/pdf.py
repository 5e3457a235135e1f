"""A plan's tables as a PDF: A4, letters embedded, every page with its number and the result's hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from madang.systems.climate.report.drawing import Figure
from madang.systems.climate.report.letters import face, written
from madang.systems.climate.report.tables import Sheet

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.enums import WrapMode

MARGIN, TITLE_WIDTH, WIDTH = 16.0, 0.34, 178.0  # mm; the first column's share; of a page's text
SMALL, BODY, HEAD, TOP = 7.5, 9.0, 12.0, 18.0  # points
FILL = (238, 241, 245)


def pdf(
    title: str,
    lead: Sequence[str],
    sheets: Sequence[Sheet],
    figures: Mapping[str, Figure],
    foot: str,
    made: datetime,
) -> bytes:
    """title and lead above the tables, a figure under the table of its key; foot on every page beside
    its number.
    """
    from fpdf import FPDF  # heavy, and only for reports

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("madang", size=SMALL)
            self.cell(0, 5, f"{foot}    {self.page_no()} / {{nb}}", align="R")

    paper = Paper(format="A4")
    paper.set_margin(MARGIN)
    paper.set_auto_page_break(True, 18)
    paper.set_title(title)
    paper.set_creation_date(made)
    _fonts(paper, _letters(title, lead, sheets, figures, foot))
    paper.add_page()
    paper.set_font("madang", "B", TOP)
    paper.multi_cell(0, 9, written(title), new_x="LMARGIN", new_y="NEXT")
    paper.set_font("madang", "", BODY)
    for line in lead:
        paper.multi_cell(
            0, 5, written(line), align="L", wrapmode=_wrap(), new_x="LMARGIN", new_y="NEXT"
        )
    for sheet in sheets:
        _sheet(paper, sheet)
        if sheet.key in figures:
            _figure(paper, figures[sheet.key])
    return bytes(paper.output())


def _letters(
    title: str,
    lead: Sequence[str],
    sheets: Sequence[Sheet],
    figures: Mapping[str, Figure],
    foot: str,
) -> str:
    words = [title, *lead, foot, "0123456789 /+-–.,%"]
    for figure in figures.values():
        words += figure.words()
    for sheet in sheets:
        words += [sheet.title, sheet.note, *sheet.columns, *sheet.units]
        for line in sheet.lines:
            words += [line.title, *(sheet.text(cell) for cell in line.cells)]
    return written("".join(words))


def _fonts(paper: FPDF, text: str) -> None:
    with TemporaryDirectory(prefix="madang-report-") as folder:
        for style in ("", "B"):
            paper.add_font("madang", style, face(text, style, Path(folder)))


def _figure(paper: FPDF, figure: Figure) -> None:
    paper.ln(3)
    if paper.will_page_break(figure.height):
        paper.add_page()
    top = paper.get_y()
    with paper.local_context():
        figure.draw(paper, top)
    paper.set_xy(MARGIN, top + figure.height)


def _sheet(paper: FPDF, sheet: Sheet) -> None:
    from fpdf.fonts import FontFace

    paper.ln(5)
    if paper.will_page_break(30):
        paper.add_page()
    paper.set_font("madang", "B", HEAD)
    paper.multi_cell(0, 7, written(sheet.title), new_x="LMARGIN", new_y="NEXT")
    words = any(
        isinstance(cell, str) and len(cell) > 24 for line in sheet.lines for cell in line.cells
    )
    if words:  # a long table's note is not left alone on the next page
        _note(paper, sheet.note)
    paper.set_font("madang", "", SMALL if words else BODY)
    head = FontFace(emphasis="BOLD", fill_color=FILL)
    with paper.table(
        col_widths=_widths(sheet), headings_style=head, line_height=4.6, padding=0.8,
        text_align=("LEFT", *("LEFT" if words else "RIGHT" for _ in sheet.columns)),
        borders_layout="HORIZONTAL_LINES",
    ) as table:  # fmt: skip
        titles = table.row()
        titles.cell("")
        for column, unit in zip(sheet.columns, sheet.units, strict=True):
            titles.cell(written(f"{column} ({unit})" if unit else column))
        for line in sheet.lines:
            row = table.row()
            row.cell(written(line.title))
            for cell in line.cells:
                row.cell(written(sheet.text(cell)))
    if not words:
        _note(paper, sheet.note)


def _wrap() -> WrapMode:
    """Japanese stands without spaces, and breaks between any letters."""
    from fpdf.enums import WrapMode

    return WrapMode.CHAR if get_language() == "ja" else WrapMode.WORD


def _note(paper: FPDF, note: str) -> None:
    paper.set_font("madang", "", SMALL)
    if note:
        paper.multi_cell(
            0, 4.5, written(note), align="L", wrapmode=_wrap(), new_x="LMARGIN", new_y="NEXT"
        )


def _widths(sheet: Sheet) -> tuple[float, ...]:
    """The first column keeps its share; of the others one with long words gets the more."""
    longest = [
        max([len(sheet.text(line.cells[n])) for line in sheet.lines] + [len(sheet.columns[n])])
        for n in range(len(sheet.columns))
    ]
    shares = [min(48, max(8, each)) for each in longest]
    first = TITLE_WIDTH if len(shares) < 4 or sum(shares) < 60 else 0.22
    return (first * 100, *((1 - first) * 100 * share / sum(shares) for share in shares))
