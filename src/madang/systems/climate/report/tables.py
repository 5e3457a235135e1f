"""The tables of a plan as a local carbon neutrality plan (탄소중립 기본계획) has them.

What is done and what it costs, what is absorbed year by year, what it does for the heat in each dong,
and on what all of it stands: every figure with unit, interval where one is known, method and source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madang.ground.web.figures import number_text
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.models import Edit, Kind, Layer
from madang.systems.climate.wording import done, felt, title, warmer

YEARS_SHOWN = 5  # a line for every fifth year, the first and the last
UNKNOWN = "–"
WON = -3  # costs are told in thousands


@dataclass(frozen=True)
class Line:
    """What a line is of, and its cells: numbers, words, or None where nobody knows."""

    title: str
    cells: tuple[float | str | None, ...]


@dataclass(frozen=True)
class Sheet:
    """A table; units stand beside the columns, places are decimals on paper (whole numbers have none)."""

    key: str
    title: str
    columns: tuple[str, ...]
    units: tuple[str, ...]
    lines: tuple[Line, ...]
    places: int = 1
    note: str = ""

    def text(self, value: float | str | None) -> str:
        if value is None:
            return UNKNOWN
        if isinstance(value, str):
            return value
        return number_text(value, 0 if isinstance(value, int) else self.places)


def sheets(
    result: dict[str, Any],
    edits: Sequence[Edit],
    names: dict[int, str],
    sources: Sequence[tuple[str, str]],
    language: str,
) -> list[Sheet]:
    """result is what the climate process says of the plan, reckoned from its rows alone; sources with the
    day of each are those of the class table.
    """
    return [
        _measures(result, edits, names), _summary(result), _yearly(result), _by_dong(result, language),
        _coefficients(result, edits, sources), _inputs(result),
    ]  # fmt: skip


def _measures(result: dict[str, Any], edits: Sequence[Edit], names: dict[int, str]) -> Sheet:
    costs: dict[str, list[float | None]] = {}
    priced = {row["number"]: row["cost"] for row in result["edits"]}
    for edit in edits:
        costs.setdefault(done([edit], names)[0].what, []).append(priced.get(edit.number))
    lines = []
    for each in done(edits, names):
        known = [cost for cost in costs[each.what] if cost is not None]
        unit = pgettext("unit", "trees") if each.unit == "tree" else "㎡"
        cost = round(sum(known), WON) if len(known) == len(costs[each.what]) else None
        lines.append(Line(each.what, (float(round(each.amount)), unit, float(each.places), cost)))
    return Sheet(
        "measures", _("Measures and cost"), (_("Amount"), _("Unit"), _("Sites"), _("Cost")),
        ("", "", "", _("won")), tuple(lines), 0,
        _("– stands where nobody gave a price; Madang invents none."),
    )  # fmt: skip


def _summary(result: dict[str, Any]) -> Sheet:
    total = result["total"]
    hours = total["people_degree_hours"]
    priced = total["cost"] or not total["unpriced"]
    lines = (
        Line(_("CO₂ held in the end"),
             (total["co2_t"], total["carbon_low_t"] * CO2, total["carbon_high_t"] * CO2, "tCO₂")),
        Line(_("CO₂ spent on making it"), (*(total[name] * CO2 for name in (
            "embodied_t", "embodied_low_t", "embodied_high_t")), "tCO₂")),
        Line(_("Balance"), _less(total)),
        Line(_("Air, mean of the city"), (*(warmer(total[name]) for name in (
            "mean_celsius", "mean_celsius_low", "mean_celsius_high")), "°C")),
        Line(_("Air by night, mean of the city"), (*(warmer(total[name]) for name in (
            "mean_celsius_night", "mean_celsius_night_low", "mean_celsius_night_high")), "°C")),
        Line(_("Heat spared on a hot day"),
             (*(None if hours is None else -total[f"people_degree_hours{end}"]
                for end in ("", "_high", "_low")), _("person·°C·h"))),
        Line(_("Energy for cooling a hot day"),
             (*(total[f"energy_kwh{end}"] for end in ("", "_low", "_high")), "kWh")),
        Line(_("Cost"), (*(round(round(total[name]), WON) if priced else None for name in (
            "cost", "cost_low", "cost_high")), _("won"))),
    )  # fmt: skip
    return Sheet(
        "summary", _("What it comes to"), (_("Value"), _("Lowest"), _("Highest"), _("Unit")),
        ("", "95 %", "95 %", ""), lines, 1,
        _("Intervals are of draws: trees' growth and death, pools of a class and what a roof holds off by"
          " 30 %, urban heat by 20 %, weights by 30 %, coefficients of heat by 20 %, what a kind of measure"
          " costs by 20 % and what its making emits by 30 %. The spreads are Madang's own assumptions; –"
          " means that none is known. By night only land that becomes another class counts."),
    )  # fmt: skip


def _less(total: dict[str, Any]) -> tuple[float, float, float, str]:
    spent = total["embodied_t"]
    value, low, high = ((total[name] - spent) * CO2 for name in
                        ("carbon_t", "carbon_low_t", "carbon_high_t"))  # fmt: skip
    return value, low, high, "tCO₂"


def _yearly(result: dict[str, Any]) -> Sheet:
    rows = result["yearly"]
    shown = [
        row for row in rows if row["year"] % YEARS_SHOWN == 0 or row["year"] in (1, len(rows) - 1)
    ]
    lines = tuple(
        Line(
            _("Year %d") % row["year"],
            (row["carbon_t"] * CO2, row["low_t"] * CO2, row["high_t"] * CO2, row["balance_t"] * CO2),
        )
        for row in shown
    )  # fmt: skip
    return Sheet(
        "yearly", _("Absorbed, year by year"),
        (_("Held"), _("Lowest"), _("Highest"), _("Balance")), ("tCO₂", "tCO₂", "tCO₂", "tCO₂"),
        lines, 1, _payback(result) if result["total"]["embodied_t"] else "",
    )  # fmt: skip


def _payback(result: dict[str, Any]) -> str:
    """When what was spent is held again, and the ends of that."""
    paid = result["payback"]
    said = _("What was spent on making it is not paid back within these years.")
    if paid["year"] is not None:
        said = _("What was spent on making it is paid back in year %d.") % paid["year"]
    if paid["earliest"] is not None and paid["earliest"] != paid["latest"]:
        said = f"{said} {_ends_of_payback(paid)}"
    return said


def _ends_of_payback(paid: dict[str, int | None]) -> str:
    late = _("never within these years")
    if paid["latest"] is not None:
        late = _("year %(year)s") % {"year": paid["latest"]}
    return _("By the ends of the intervals: year %(early)s at the earliest, %(late)s at the latest.") % {
        "early": paid["earliest"], "late": late,
    }  # fmt: skip


def _by_dong(result: dict[str, Any], language: str) -> Sheet:
    lines = tuple(
        Line(
            zone["names"].get(language) or zone["names"].get("ko") or zone["key"],
            (
                zone["carbon_t"] * CO2,
                warmer(zone["celsius"]),
                warmer(zone["celsius_night"]),
                None if zone["people_degree_hours"] is None else -zone["people_degree_hours"],
            ),
        )
        for zone in felt(result["zones"])
    )
    return Sheet(
        "districts", _("Where it is felt"),
        (_("CO₂ held in the end"), _("Air on a hot day"), _("Air in the night after it"),
         _("Heat spared on a hot day")),
        ("tCO₂", "°C", "°C", _("person·°C·h")), lines,
    )  # fmt: skip


def _coefficients(
    result: dict[str, Any], edits: Sequence[Edit], sources: Sequence[tuple[str, str]]
) -> Sheet:
    """Those of what the plan draws, each by itself, and who says those of the class table."""
    lines = [
        Line(called, (f"{figure['value']:,g} {figure['unit']}".strip(), figure["as_of"], figure["source"]))
        for name, figure in result["coefficients"].items()
        if (called := _coefficient(name, edits))
    ]  # fmt: skip
    lines += [Line(_("Class table"), ("", day, source)) for source, day in sources]
    return Sheet(
        "coefficients", _("Sources of the coefficients"), (_("Value"), _("Day"), _("Source")),
        ("", "", ""), tuple(lines),
    )  # fmt: skip


def _coefficient(name: str, edits: Sequence[Edit]) -> str:
    """What a coefficient of the catalogue is called; "" where nothing is drawn that it is of."""
    what, _dot, figure = name.rpartition(".")
    drawn = next((each for each in edits if _catalogued(each) == what), None)
    if drawn is None:
        return ""
    words = {
        "kc": _("crop coefficient (Kc)"), "albedo": _("albedo"), "carbon": _("carbon held"),
        "embodied": _("carbon of making it"), "load": _("load"), "cost": _("unit cost"),
    }  # fmt: skip
    kind = _("Street trees") if what == "trees" else title(drawn, {})
    return f"{kind} · {words.get(figure, figure)}"


def _catalogued(edit: Edit) -> str:
    """Under which of the catalogue's names the coefficients of what is drawn stand; "" under none."""
    if edit.kind == Kind.ROOF:
        return f"roof.{edit.what.get('roof')}"
    return {Kind.COOL.value: "cool", Kind.TREES.value: "trees"}.get(edit.kind, "")


def _inputs(result: dict[str, Any]) -> Sheet:
    given = [
        (premise(name), f"{value:g}" if isinstance(value, float) else str(value))
        for name, value in result["premises"].items()
        if value not in (None, "")
    ]
    lines = [
        Line(_("Method"), (result["method"],)),
        *(Line(_input(name), (value or UNKNOWN,)) for name, value in result["inputs"].items()),
        *(Line(name, (value,)) for name, value in given),
        Line("SHA-256", (result["digest"],)),
    ]  # fmt: skip
    return Sheet(
        "basis", _("On what this stands"), (_("Value"),), ("",), tuple(lines), 1,
        _("The same plan, reckoned again from the same inputs, gives the same SHA-256."),
    )  # fmt: skip


def _input(name: str) -> str:
    """What an input is called; its version or SHA-256 stands beside it."""
    others = {"table": _("Class table"), "trees": _("Inventory of trees")}
    return str(Layer(name).label) if name in Layer.values else others.get(name, name)


def premise(name: str) -> str:
    """What a premise is called."""
    words = {
        "reference": _("Air of the country around, °C"), "urban_heat": _("Urban heat at most, °C"),
        "mixing": _("The air mixes over, m"), "park_cooling": _("A park cools over, m"),
        "hours": _("Hours of the hot day"), "years": _("Years looked at"),
        "energy": _("Energy of a person's degree-hour, kWh"),
        "energy_source": _("Source of that"), "calibration": _("Fit to weather stations"),
        "error": _("Error of the fit where no station stands, °C"),
        "null_error": _("Error of the plain mean of the stations, °C"),
        "half_width": _("Half of the 95 % interval of the air, °C"),
        "night_reference": _("By night: air of the country around, °C"),
        "night_urban_heat": _("By night: urban heat at most, °C"),
    }  # fmt: skip
    return words.get(name, name)


def rows(found: Sequence[Sheet]) -> Iterator[list[str]]:
    """All tables as lines of one CSV: table, line, column, value, unit."""
    yield ["table", "line", "column", "value", "unit"]
    for sheet in found:
        for line in sheet.lines:
            for column, unit, value in zip(sheet.columns, sheet.units, line.cells, strict=True):
                said = "" if value is None else str(value)
                yield [sheet.key, _plain(line.title), column, _plain(said), unit]


def _plain(text: str) -> str:
    """Words that a spreadsheet would take for a formula are marked as words; numbers stay."""
    if text[:1] in ("=", "@", "\t", "\r") or (text[:1] in ("+", "-") and not _number(text)):
        return "'" + text
    return text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
