"""전국CCTV표준데이터 into sites: the columns of the national register of cameras."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from madang.ground.city.public import Column, Recogniser, Record, Rejected, Row, Source
from madang.systems.cameras.models import Purpose, Site

SOURCE = Source(
    "camera-sites",
    {"ko": "전국CCTV표준데이터", "en": "National register of cameras", "ja": "全国CCTV標準データ"},
    source="공공데이터포털 (data.go.kr)",
    licence="이용허락범위 제한 없음",
    attribution="행정안전부 전국CCTV표준데이터",
)
PURPOSES = {
    "생활방범": Purpose.CRIME,
    "어린이보호": Purpose.SCHOOL_ZONE,
    "교통단속": Purpose.ENFORCEMENT,
    "교통정보수집": Purpose.TRAFFIC,
    "재난재해": Purpose.DISASTER,
    "시설물관리": Purpose.FACILITY,
    "쓰레기단속": Purpose.WASTE,
    "공원안전": Purpose.PARK,
    "다목적": Purpose.SEVERAL,
    "기타": Purpose.OTHER,
}
MEGAPIXELS_PER_UNIT = 0.01  # the register counts in 만화소, tens of thousands of pixels


@dataclass(frozen=True)
class Register(Recogniser):
    """A row a site. A register without 관리번호 is keyed by address and purpose, in the file's order."""

    def records(self, row: Row) -> Iterable[Record]:
        if row.geometry is None:
            raise Rejected("no-point")
        purpose = row.needed("purpose").replace(" ", "")
        if purpose not in PURPOSES:
            raise Rejected("unknown-word", column=row.header("purpose"), value=purpose)
        cameras = row.whole("cameras", 1, 1000)
        if cameras is None:
            raise Rejected("missing", column=row.header("cameras"))
        pixels = row.number("pixels")
        values = {
            "purpose": PURPOSES[purpose],
            "institution": row.text("institution"),
            "road_address": row.text("road address"),
            "lot_address": row.text("lot address"),
            "cameras": cameras,
            "megapixels": round(pixels * MEGAPIXELS_PER_UNIT, 2) if pixels else None,
            "direction": row.text("direction"),
            "kept_days": row.whole("kept days", 0, 3650),
            "installed": row.plain_day("installed"),
            "phone": row.text("phone"),
            "as_of": row.day("as of"),
            "details": row.others(*self.taken()),
        }
        number = row.text("number")
        key = number or f"{row.text('lot address') or row.text('road address')}|{purpose}"
        return [Record(Site, key, values, row.geometry, shared=not number)]

    def taken(self) -> list[str]:
        return [column.name for column in (*self.needs, *self.may)]


REGISTER = Register(
    key="camera-sites",
    title=_("National register of cameras"),
    source=SOURCE,
    needs=(
        Column("purpose", ("설치목적구분",)),
        Column("cameras", ("카메라대수",)),
        Column("lon", ("WGS84경도", "경도")),
        Column("lat", ("WGS84위도", "위도")),
    ),
    may=(
        Column("number", ("관리번호",)),
        Column("institution", ("관리기관명",)),
        Column("road address", ("소재지도로명주소",)),
        Column("lot address", ("소재지지번주소",)),
        Column("pixels", ("카메라화소수",)),
        Column("direction", ("촬영방면정보",)),
        Column("kept days", ("보관일수",)),
        Column("installed", ("설치연월",)),
        Column("phone", ("관리기관전화번호",)),
        Column("as of", ("데이터기준일자",)),
    ),
    point=("lon", "lat"),
    order=60,
    stable_key="관리번호",
)
