"""District outlines, with residents and households where the file carries them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import District, Population
from madang.ground.city.reading import values
from madang.ground.city.reasons import Refused, Rejected
from madang.ground.city.recognisers.registry import Column, Reading, Recogniser, Row
from madang.ground.city.records import Record, Source
from madang.ground.ids import new_id

SOURCE = Source(
    "districts",
    {"ko": "행정구역", "en": "Districts", "ja": "行政区域"},
    source="통계청 통계지리정보서비스 (sgis.kostat.go.kr)",
    attribution="통계청 통계지리정보서비스(SGIS)",
)
DATED = re.compile(r"^(pop|residents|인구|hh|households|세대)_?(\d{4})(\d{2})$", re.IGNORECASE)
RESIDENTS = ("pop", "residents", "인구")
MOST = 20_000
MOST_POINTS = 4_000_000
POINT_BYTES = 16


@dataclass(frozen=True)
class DistrictOutlines(Recogniser):
    """Polygons by official code. Where dong name their gu and the file lacks the gu, it is joined."""

    def begin(self, reading: Reading) -> None:
        reading.kept["gu"] = {}
        reading.kept["rows"] = {}
        reading.kept["points"] = 0
        reading.kept["ids"] = dict(
            District.objects.filter(city=reading.city, data_set__key=SOURCE.key).values_list(
                "key", "id"
            )
        )

    def records(self, row: Row) -> Iterable[Record]:
        code = official_code(row.needed("code"), row.header("code"))
        geometry = row.geometry
        if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
            found = geometry.geom_type if geometry is not None else "-"
            raise Rejected("wrong-shape", found=found, expected="Polygon")
        name = row.needed("name").split()[-1]
        gu = row.text("gu")
        parent = f"{code[:5]}00000" if gu and level(code) == "dong" else None
        _keep(row.reading, code, geometry)
        if parent:
            row.reading.kept["gu"].setdefault(parent, gu)
        fields = {"level": level(code), "parent_key": parent, "names": {"ko": name}}
        own = row.reading.kept["ids"].setdefault(code, new_id())
        district = Record(District, code, fields, geometry, id=own)
        return [district, *_populations(row, code)]

    def finish(self, reading: Reading) -> Iterator[Record]:
        for code, name in reading.kept["gu"].items():
            if code in reading.kept["rows"]:
                continue
            reading.notice("made-parents")
            fields = {"level": "gu", "parent_key": None, "names": {"ko": name}}
            whole = shapely.union_all(_dong_of(code, reading))
            yield Record(District, code, fields, whole, derived=True)


def _keep(reading: Reading, code: str, outline: Any) -> None:
    """Keep an outline for the district it is a part of; Refused where there would be too many."""
    kept = reading.kept
    kept["rows"][code] = outline
    kept["points"] += shapely.get_num_coordinates(outline)
    if len(kept["rows"]) > MOST:
        raise Refused("too-many-districts", limit=f"{MOST:,}")
    if kept["points"] > MOST_POINTS:
        raise Refused("too-fine", limit=f"{MOST_POINTS * POINT_BYTES >> 20} MiB")


def official_code(words: str, column: str) -> str:
    """The ten digits of 법정동·행정동코드; shorter codes are of a larger district."""
    if not words.isdigit() or len(words) not in (5, 8, 10):
        raise Rejected("unknown-word", column=column, value=words[:60])
    return words.ljust(10, "0")


def level(code: str) -> str:
    """si (41110), gu (41111), dong; by the digits of an official code."""
    if code[5:] != "00000":
        return "dong"
    return "si" if code[4] == "0" else "gu"


def _populations(row: Row, code: str) -> Iterator[Record]:
    """One row of population for each month the columns name, as pop_202608 and hh_202608 do."""
    months: dict[date, dict[str, Any]] = {}
    for header in row.reading.headers:
        if found := DATED.match(header):
            month = date(int(found[2]), int(found[3]), 1)
            column = "residents" if found[1].lower() in RESIDENTS else "households"
            count = values.whole(row.source.values.get(header), header)
            months.setdefault(month, {})[column] = count
    ids = row.reading.kept["ids"]
    for month, counts in months.items():
        row.reading.days.add(month)
        fields = {"district_id": ids[code], "date": month, **counts}
        yield Record(Population, f"{code}@{month:%Y-%m}", fields, derived=True)


def _dong_of(gu: str, reading: Reading) -> list[Any]:
    """Every dong of the gu, as the data set has it and as this file changes it, so that it is whole."""
    kept = District.objects.filter(
        city=reading.city, data_set__key=SOURCE.key, level="dong", key__startswith=gu[:5]
    )
    there = {key: shapely.from_wkb(bytes(wkb)) for key, wkb in kept.values_list("key", "geometry")}
    rows = reading.kept["rows"].items()
    now = {key: shape for key, shape in rows if level(key) == "dong" and key[:5] == gu[:5]}
    return list({**there, **now}.values())


OUTLINES = DistrictOutlines(
    key="districts",
    title=_("District outlines"),
    source=SOURCE,
    kind="map",
    needs=(
        Column(
            "code",
            ("adm_cd2", "ADM_DR_CD", "EMD_CD", "BJCD", "H_CODE", "HJD_CD", "SIG_CD", "ADM_CD"),
        ),
        Column(
            "name",
            ("dong", "ADM_DR_NM", "EMD_KOR_NM", "EMD_NM", "HJD_NAM", "SIG_KOR_NM", "ADM_NM"),
        ),
    ),
    may=(Column("gu", ("gu", "sggnm", "SGG_NM", "구")),),
    order=10,
    within=False,
    stable_key="adm_cd2 / EMD_CD / SIG_CD",
)
