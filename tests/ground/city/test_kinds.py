"""Every kind of table that the city recognises, as offices send it: CSV in each encoding, and XLSX."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from shapely import box

from madang.ground.city.recognisers.registry import recognisers

from .bringing import bring_file, counts, geojson_file, new_city, plan

pytestmark = pytest.mark.django_db
AT = {"위도": "37.27", "경도": "127.0"}
SAMPLES: dict[str, dict[str, str]] = {
    "population": {"행정동코드": "4111156000", "인구수": "12,345", "세대수": "5,000"},
    "camera-sites": {"관리번호": "1", "설치목적구분": "생활방범", "카메라대수": "3"} | AT,
    "places-child-zone": {"대상시설명": "신풍초", "시설종류": "초등학교", "CCTV설치여부": "Y"} | AT,
    "places-park": {"관리번호": "1", "공원명": "올림픽", "공원구분": "근린", "공원면적": "9"} | AT,
    "places-bell": {"안전비상벨관리번호": "1", "설치목적": "방범", "설치위치": "입구"} | AT,
    "places-bus-stop": {"정류장번호": "1", "정류장명": "장안문"} | AT,
    "places-car-park": {
        "주차장명": "행궁", "주차장구분": "공영", "주차장유형": "노외", "주차구획수": "9",
    } | AT,
    "places-shelter": {"쉼터명칭": "경로당", "시설유형": "노인시설"} | AT,
    "places-senior-facility": {"시설명": "요양원", "시설구분": "생활", "운영주체구분": "법인"} | AT,
    "places-speed-camera": {
        "무인교통단속카메라관리번호": "1", "설치장소": "역 앞", "제한속도": "50",
    } | AT,
    "places-shade": {"설치장소명": "역 앞", "그늘막유형": "고정형"} | AT,
    "weather-hourly": {"지점": "119", "일시": "2020-01-01 1:00", "기온": "-6", "풍속": "1", "습도": "6"},
    "climate-trees": {"관리번호": "1", "수목명": "은행나무", "흉고직경": "24.5"} | AT,
    "standard-turns": {"NODE_ID": "1", "ST_LINK": "2", "ED_LINK": "3", "TURN_TYPE": "101"},
    "signal-operation": {
        "교차로번호": "1", "계획번호": "1", "현시": "1", "이동류": "GGr", "녹색(초)": "30", "옵셋(초)": "0",
    },
    "air-quality": {"측정일시": "2020010101", "측정소명": "신풍동", "미세먼지": "41"},
}  # fmt: skip
WHOLE = {"sumo-network", "network-parts"}  # files that are one thing, not tables
FORMS = ("utf-8", "utf-8-sig", "cp949", "utf-16", "xlsx")


def written(folder: Path, sample: dict[str, str], form: str) -> Path:
    path = folder / "as it came"
    if form == "xlsx":
        book = openpyxl.Workbook()
        sheet: Any = book.active
        for row in (["제목: 어느 표"], list(sample), list(sample.values())):
            sheet.append(row)
        book.save(path)
        return path
    text = io.StringIO()
    csv.writer(text).writerows([list(sample), list(sample.values())])
    path.write_bytes(text.getvalue().encode(form))
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_kind_is_known_by_its_columns_in_every_form(tmp_path: Path, kind: str, form: str) -> None:
    [step] = plan(written(tmp_path, SAMPLES[kind], form))
    assert step.refused is None, step.refused
    assert step.recogniser is not None
    assert step.recogniser.key == kind


def test_every_table_that_is_recognised_is_tried_here_and_taken(tmp_path: Path) -> None:
    city = new_city()
    dong = ({"adm_cd2": "4111156000", "dong": "파장동"}, box(126.9, 37.2, 127.1, 37.3))
    assert bring_file(city, geojson_file(tmp_path, [dong])).new == 1
    tables = [one for one in recognisers() if one.kind == "table"]
    assert {one.key for one in tables} - WHOLE - set(SAMPLES) == set()
    for kind, form in zip(SAMPLES, FORMS * 4, strict=False):
        done = bring_file(city, written(tmp_path, SAMPLES[kind], form))
        assert counts(done) == (1, 1, 0, 0, 0), (kind, form, done.problem)
