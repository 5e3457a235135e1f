"""The register out again in the columns of 전국CCTV표준데이터, as the register's own import takes them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from madang.systems.cameras.models import Purpose, Site
from madang.systems.cameras.register import MEGAPIXELS_PER_UNIT, PURPOSES

MARK = "\ufeff"  # by which Excel knows UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WORDS = {purpose: word for word, purpose in PURPOSES.items()}
COLUMNS = (
    "관리번호",
    "관리기관명",
    "소재지도로명주소",
    "소재지지번주소",
    "설치목적구분",
    "카메라대수",
    "카메라화소수",
    "촬영방면정보",
    "보관일수",
    "설치연월",
    "관리기관전화번호",
    "WGS84위도",
    "WGS84경도",
    "데이터기준일자",
    "가상여부",
)


def export(sites: Iterable[Site]) -> Iterator[str]:
    """CSV, a part a line; what is not known is an empty cell."""
    yield MARK + _line(COLUMNS)
    for site in sites:
        yield _line(_safe(value) for value in _values(site))


def _values(site: Site) -> tuple[str, ...]:
    pixels = "" if site.megapixels is None else str(round(site.megapixels / MEGAPIXELS_PER_UNIT))
    return (
        site.key,
        site.institution,
        site.road_address,
        site.lot_address,
        WORDS[Purpose(site.purpose)],
        str(site.cameras),
        pixels,
        site.direction,
        "" if site.kept_days is None else str(site.kept_days),
        "" if site.installed is None else f"{site.installed:%Y-%m}",
        site.phone,
        f"{site.lat:.7f}".rstrip("0"),
        f"{site.lon:.7f}".rstrip("0"),
        "" if site.as_of is None else site.as_of.isoformat(),
        "Y" if site.data_set.simulated else "N",
    )


def _safe(value: str) -> str:
    """Text that a spreadsheet would run as a formula is marked as text."""
    return f"'{value}" if value.startswith(FORMULA) else value


def _line(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()
