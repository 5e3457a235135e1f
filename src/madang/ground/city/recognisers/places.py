"""Places in the columns of Korea's standard data sets (전국…표준데이터) and their cousins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import Place
from madang.ground.city.reasons import Rejected
from madang.ground.city.recognisers.registry import Column, Recogniser, Row
from madang.ground.city.records import Record, Source

LON = Column("lon", ("경도", "WGS84경도", "lon", "lng", "longitude", "LO"))
LAT = Column("lat", ("위도", "WGS84위도", "lat", "latitude", "LA"))
POINT = ("lon", "lat")
ROAD = Column("road address", ("소재지도로명주소", "도로명주소", "RN_DTL_ADRES"))
LOT = Column("lot address", ("소재지지번주소", "지번주소", "위치(동)"))
DAY = Column("as of", ("데이터기준일자", "데이터기준일", "기준일자", "기준일"))
KOGL = "공공데이터법에 따른 이용허락범위 제한 없음"
PORTAL = "공공데이터포털 (data.go.kr)"


@dataclass(frozen=True)
class PlaceTable(Recogniser):
    """A table whose every row is a place of one kind.

    key_columns make the stable key; rows that share it are told apart by their order.
    """

    place: str = ""
    key_columns: tuple[str, ...] = ()

    def records(self, row: Row) -> Iterable[Record]:
        if row.geometry is None:
            raise Rejected("no-point")
        key = "|".join(row.text(name) for name in self.key_columns)
        if not key.strip("|"):
            raise Rejected("missing", column=row.header(self.key_columns[0]))
        row.day("as of")
        values = {
            "kind": self.place,
            "name": row.text("name"),
            "address": row.text("road address") or row.text("lot address"),
            "details": row.others("name", *POINT),
        }
        return [Record(Place, key, values, row.geometry, shared=len(self.key_columns) > 1)]


def _table(
    key: str,
    title: Promise,
    names: dict[str, str],
    *needs: Column,
    by: tuple[str, ...],
    may: tuple[Column, ...] = (),
) -> PlaceTable:
    source = Source(f"places-{key}", names, source=PORTAL, licence=KOGL, attribution=PORTAL)
    return PlaceTable(
        key=f"places-{key}",
        title=title,
        source=source,
        needs=(*needs, LON, LAT),
        may=(*may, ROAD, LOT, DAY),
        point=POINT,
        place=key,
        key_columns=by,
        stable_key=" + ".join(by),
    )


def _column(name: str, *headers: str) -> Column:
    return Column(name, headers)


TABLES = (
    _table(
        "child-zone",
        _("Child protection zones"),
        {"ko": "어린이보호구역", "en": "Child protection zones", "ja": "子ども保護区域"},
        _column("name", "대상시설명"),
        _column("facility", "시설종류"),
        _column("cameras", "CCTV설치여부"),
        may=(_column("institution", "제공기관코드"),),
        by=("institution", "facility", "name", "road address", "lot address"),
    ),
    _table(
        "park",
        _("City parks"),
        {"ko": "도시공원", "en": "City parks", "ja": "都市公園"},
        _column("number", "관리번호"),
        _column("name", "공원명"),
        _column("sort", "공원구분"),
        _column("area", "공원면적"),
        by=("number", "lot address"),
    ),
    _table(
        "bell",
        _("Emergency bells"),
        {"ko": "안전비상벨", "en": "Emergency bells", "ja": "防犯非常ベル"},
        _column("number", "안전비상벨관리번호"),
        _column("purpose", "설치목적"),
        _column("name", "설치위치"),
        by=("number",),
    ),
    _table(
        "bus-stop",
        _("Bus stops"),
        {"ko": "버스정류장", "en": "Bus stops", "ja": "バス停"},
        _column("number", "정류장ID", "정류장번호", "정류소아이디", "정류소번호"),
        _column("name", "정류장명", "정류소명"),
        by=("number",),
    ),
    _table(
        "car-park",
        _("Car parks"),
        {"ko": "주차장", "en": "Car parks", "ja": "駐車場"},
        _column("name", "주차장명"),
        _column("sort", "주차장구분"),
        _column("form", "주차장유형"),
        _column("bays", "주차구획수"),
        may=(_column("number", "주차장관리번호"),),
        by=("number", "name", "lot address"),
    ),
    _table(
        "shelter",
        _("Heat shelters"),
        {"ko": "무더위쉼터", "en": "Heat shelters", "ja": "猛暑避難所"},
        _column("name", "RSTR_NM", "쉼터명칭", "쉼터명"),
        _column("form", "FCLTY_TY", "쉼터시설유형", "시설유형"),
        may=(_column("number", "RSTR_FCLTY_NO", "쉼터번호"),),
        by=("number", "name", "road address"),
    ),
    _table(
        "senior-facility",
        _("Senior facilities"),
        {"ko": "노인복지시설", "en": "Senior facilities", "ja": "高齢者福祉施設"},
        _column("name", "시설명"),
        _column("sort", "시설구분"),
        _column("operator", "운영주체구분"),
        by=("name", "sort", "road address"),
    ),
    _table(
        "speed-camera",
        _("Speed cameras"),
        {"ko": "무인교통단속카메라", "en": "Speed cameras", "ja": "速度取締カメラ"},
        _column("number", "무인교통단속카메라관리번호"),
        _column("name", "설치장소"),
        _column("limit", "제한속도"),
        by=("number",),
    ),
    _table(
        "shade",
        _("Shade canopies"),
        {"ko": "그늘막", "en": "Shade canopies", "ja": "日よけ"},
        _column("name", "설치장소명"),
        _column("form", "그늘막유형"),
        may=(_column("spot", "세부위치"),),
        by=("name", "lot address", "spot"),
    ),
)
