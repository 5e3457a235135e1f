"""신호운영표: signal plans as a spreadsheet, a row a phase, out of the city and into it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.city.public import Column, Recogniser, Record, Rejected, Row, Source
from madang.systems.traffic.domain.programs import key_of
from madang.systems.traffic.engine.signals import ALL_DAYS, DAY_S, LETTERS
from madang.systems.traffic.models import SignalPhase

SHEET = "신호운영표"
DAYS = "월화수목금토일휴"
SOURCE = Source(
    "street-network",
    {"ko": "도로망과 신호계획", "en": "Street network and signal plans", "ja": "道路網と信号計画"},
)
COLUMNS = {
    "crossing": "교차로번호",
    "crossing_name": "교차로명",
    "since": "시행일",
    "plan": "계획번호",
    "starts": "적용시각",
    "offset_s": "옵셋(초)",
    "ring": "링",
    "barrier": "배리어",
    "phase": "현시",
    "states": "이동류",
    "green_s": "녹색(초)",
    "least_s": "최소녹색(초)",
    "most_s": "최대녹색(초)",
    "walk_s": "보행녹색(초)",
    "flash_s": "보행점멸(초)",
    "clearance": "황색·전적색",
    "assumed": "추정",
}
NEEDED = ("crossing", "plan", "phase", "states", "green_s", "offset_s")
SECONDS = ("offset_s", "green_s", "least_s", "most_s", "walk_s", "flash_s")
LONGEST_S = 3_600
START = re.compile(r"^(?:([월화수목금토일휴]+)\s*)?(\d{1,2}):(\d{2})(?::(\d{2}))?$")
PART = re.compile(r"^([a-zA-Z]+)\s+(\d+(?:\.\d+)?)$")


@dataclass(frozen=True)
class OperationTable(Recogniser):
    def records(self, row: Row) -> Iterable[Record]:
        states = _lights(row.needed("states"), row.header("states"))
        values: dict[str, Any] = {
            "crossing": row.needed("crossing"),
            "crossing_name": row.text("crossing_name"),
            "since": row.day("since"),
            "plan": row.needed("plan"),
            "starts": _starts(row.text("starts"), row.header("starts")),
            "ring": row.whole("ring", 0, 7) or 0,
            "barrier": row.whole("barrier", 0, 31) or 0,
            "phase": row.whole("phase", 1, 64),
            "states": states,
            "clearance": _clearance(row.text("clearance"), row.header("clearance"), len(states)),
            "assumed": bool(row.text("assumed")),
        }
        values |= {name: _seconds(row, name) for name in SECONDS}
        if values["phase"] is None:
            raise Rejected("missing", column=row.header("phase"))
        if values["most_s"] and values["most_s"] < values["least_s"]:
            raise Rejected("unknown-word", column=row.header("most_s"), value=row.text("most_s"))
        return [Record(SignalPhase, key_of(values), values)]


def _seconds(row: Row, name: str) -> float:
    found = row.number(name)
    if found is None and name in NEEDED:
        raise Rejected("missing", column=row.header(name))
    if found is not None and not 0 <= found <= LONGEST_S:
        raise Rejected("unknown-word", column=row.header(name), value=row.text(name))
    return found or 0.0


def _lights(text: str, header: str) -> str:
    if set(text) - set(LETTERS):
        raise Rejected("unknown-word", column=header, value=text)
    return text


def _starts(text: str, header: str) -> list[list[int]]:
    """ "월화수목금 07:00; 22:00" → [[25200, 31], [79200, 255]]; no days are all days."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = START.match(part)
        if match is None:
            raise Rejected("unknown-word", column=header, value=part)
        days, *clock = match.groups()
        hours, minutes, seconds = (int(each or 0) for each in clock)
        start = hours * 3600 + minutes * 60 + seconds
        if start >= DAY_S or minutes > 59 or seconds > 59:
            raise Rejected("unknown-word", column=header, value=part)
        found.append([start, sum(1 << DAYS.index(day) for day in set(days)) if days else ALL_DAYS])
    return found


def _clearance(text: str, header: str, lights: int) -> list[list[Any]]:
    """ "yyrr 3; rrrr 2" → [["yyrr", 3.0], ["rrrr", 2.0]]."""
    found: list[list[Any]] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = PART.match(part)
        if match is None or len(match[1]) != lights or float(match[2]) > LONGEST_S:
            raise Rejected("unknown-word", column=header, value=part)
        found.append([_lights(match[1], header), float(match[2])])
    return found


def write(city: City, file: IO[bytes]) -> int:
    """Write the city's signal plans as a workbook into file; how many rows."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append(list(COLUMNS.values()))
    rows = SignalPhase.objects.filter(city=city)
    order = ("crossing", "since", "plan", "ring", "phase")
    count = 0
    for phase in rows.order_by(*order).iterator():
        sheet.append(list(_cells(phase)))
        count += 1
    book.save(file)
    return count


def _cells(phase: SignalPhase) -> Iterator[Any]:
    for name in COLUMNS:
        value = getattr(phase, name)
        if name == "starts":
            yield "; ".join(_start(*each) for each in value)
        elif name == "clearance":
            yield "; ".join(f"{states} {seconds:g}" for states, seconds in value)
        elif name == "assumed":
            yield "추정" if value else ""
        else:
            yield value.isoformat() if name == "since" and value else value


def _start(second: int, days: int) -> str:
    clock = f"{second // 3600:02}:{second // 60 % 60:02}"
    clock += f":{second % 60:02}" if second % 60 else ""
    words = "".join(day for bit, day in enumerate(DAYS) if days >> bit & 1)
    return clock if days == ALL_DAYS else f"{words} {clock}"


OPERATION_TABLE = OperationTable(
    key="signal-operation",
    title=_("Signal operation table"),
    source=SOURCE,
    needs=tuple(Column(name, (COLUMNS[name],)) for name in NEEDED),
    may=tuple(Column(name, (head,)) for name, head in COLUMNS.items() if name not in NEEDED),
    order=72,
    stable_key="교차로번호, 시행일, 계획번호, 링, 현시",
    within=False,
)
