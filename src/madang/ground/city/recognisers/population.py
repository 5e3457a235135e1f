"""Residents and households by district: 주민등록 인구 및 세대현황."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import District, Population
from madang.ground.city.reading import values
from madang.ground.city.reading.sheets import Sheet
from madang.ground.city.reasons import Rejected
from madang.ground.city.recognisers.districts import official_code
from madang.ground.city.recognisers.registry import Column, Reading, Recogniser, Row
from madang.ground.city.records import Record, Source

SOURCE = Source(
    "population",
    {"ko": "주민등록 인구", "en": "Registered residents", "ja": "住民登録人口"},
    source="행정안전부 주민등록 인구통계 (jumin.mois.go.kr)",
    attribution="행정안전부 주민등록 인구통계",
)
MONTHLY = re.compile(r"^(\d{4})년(\d{2})월_(총인구수|세대수)$")
CODE_IN_NAME = re.compile(r"\((\d{10})\)")


@dataclass(frozen=True)
class PopulationTable(Recogniser):
    """A row a district; columns either plain, or a month each as the ministry exports them."""

    def columns(self, sheet: Sheet) -> dict[str, str]:
        found = super().columns(sheet)
        for header in sheet.columns:
            if named := MONTHLY.match(header):
                found["residents" if named[3] == "총인구수" else "households"] = header
        return found

    def begin(self, reading: Reading) -> None:
        found = District.objects.filter(city=reading.city).order_by("data_set__key")
        reading.kept["ids"] = dict(found.values_list("key", "id"))

    def records(self, row: Row) -> Iterable[Record]:
        code = _code(row)
        district = row.reading.kept["ids"].get(code)
        if district is None:
            raise Rejected("no-district", district=code)
        day = row.day("date") or _day_of_header(row) or row.reading.day
        fields = {
            "district_id": district,
            "date": day,
            "residents": row.whole("residents"),
            "households": row.whole("households"),
        }
        return [Record(Population, f"{code}@{day:%Y-%m}" if day else f"{code}@", fields)]


def _code(row: Row) -> str:
    words = row.needed("code")
    named = CODE_IN_NAME.search(words)
    return named[1] if named else official_code(words, row.header("code"))


def _day_of_header(row: Row) -> date | None:
    found = MONTHLY.match(row.header("residents"))
    if not found:
        return None
    month = values.day(f"{found[1]}-{found[2]}", row.header("residents"))
    if month:
        row.reading.days.add(month)
    return month


TABLE = PopulationTable(
    key="population",
    title=_("Residents and households by district"),
    source=SOURCE,
    needs=(
        Column("code", ("code", "행정동코드", "행정기관코드", "행정구역코드", "행정구역")),
        Column("residents", ("population", "residents", "총인구수", "인구수")),
        Column("households", ("households", "세대수")),
    ),
    may=(Column("date", ("date", "기준연월", "통계년월", "기준일자")),),
    order=15,
    stable_key="code + month",
)
