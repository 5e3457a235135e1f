"""Made-up files of any size, written a row at a time, in the columns of those that cities send."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import osmium

from bench.osm_file import write_city

WEST, SOUTH, WIDE = 126.93, 37.22, 0.14  # degrees: where the rows lie
PURPOSES = ("생활방범", "어린이보호", "교통정보수집", "시설물관리")
CAMERA_HEADER = (
    "관리기관명", "소재지도로명주소", "소재지지번주소", "설치목적구분", "카메라대수", "카메라화소수",
    "촬영방면정보", "보관일수", "설치연월", "관리기관전화번호", "WGS84위도", "WGS84경도",
    "데이터기준일자", "비고",
)  # fmt: skip
REMARK = "회전형 카메라와 고정형 카메라를 함께 둔 자리이며 야간에는 보안등과 함께 켜진다. " * 6
BENDS = 24  # points of a link


def cameras(path: Path, size: int) -> None:
    """전국CCTV표준데이터 without 관리번호, so that every key is made of address, purpose and order."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CAMERA_HEADER)
        number = 0
        while file.tell() < size if number % 1000 == 0 else True:
            lon, lat = _place(number)
            street = f"마당시 가로{number % 90_000}길 {number % 97}"
            writer.writerow([
                "마당시 도시안전통합센터", street, f"{street}번지", PURPOSES[number % 4],
                1 + number % 4, 200, "360도 전방면", 30, "2019-05", "031-000-0000",
                f"{lat:.7f}", f"{lon:.7f}", "2026-08-31", REMARK,
            ])  # fmt: skip
            number += 1


def links(path: Path, size: int) -> None:
    """표준노드링크 as GeoJSON: each link with the digits and bends that offices write."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        number = 0
        while file.tell() < size if number % 1000 == 0 else True:
            file.write(f"{',' if number else ''}{_link(number)}\n")
            number += 1
        file.write("]}\n")


def _link(number: int) -> str:
    lon, lat = _place(number)
    line = ", ".join(
        f"[{lon + at * 1.3e-4:.15f}, {lat + (at % 3) * 1.1e-5:.15f}]" for at in range(BENDS)
    )
    return (
        f'{{"type": "Feature", "properties": {{"LINK_ID": "{number}", "F_NODE": "{number}",'
        f' "T_NODE": "{number + 1}", "LANES": {number % 5}, "ROAD_RANK": "107", "ROAD_TYPE": "000",'
        f' "ROAD_NO": "-", "ROAD_NAME": "가로{number % 900}길", "MULTI_LINK": "0", "CONNECT": "000",'
        f' "MAX_SPD": 50, "REST_VEH": "0", "REST_W": 0.0, "REST_H": 0.0, "REMARK": null}},'
        f' "geometry": {{"type": "LineString", "coordinates": [{line}]}}}}'
    )


def one_feature(path: Path, size: int) -> None:
    """A district whose outline alone is as large as the file; it has to be refused."""
    point = f"[{WEST:.15f}, {SOUTH:.15f}], "
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"adm_cd2":'
            ' "4111156000", "dong": "파장동"}, "geometry": {"type": "Polygon", "coordinates": [['
        )
        for _ in range(size // len(point) // 1000):
            file.write(point * 1000)
        file.write(point[:-2] + "]]}}]}")


def one_cell(path: Path, size: int) -> None:
    """A table with a quoted cell over millions of lines; it has to be refused."""
    with path.open("w", encoding="utf-8") as file:
        file.write('정류장ID,정류장명,lon,lat\n1,"')
        for _ in range(size // 81_000):
            file.write(("x" * 80 + "\n") * 1000)
        file.write('",127.0,37.27\n')


def osm_xml(path: Path, size: int) -> None:
    write_city(path, size)


def osm_pbf(path: Path, size: int) -> None:
    """The city that has size bytes as XML, as PBF: a tenth or so of them."""
    xml = path.with_suffix(".xml")
    write_city(xml, size)
    writer = osmium.SimpleWriter(str(path), overwrite=True)
    for thing in osmium.FileProcessor(osmium.io.File(str(xml), "osm")):
        writer.add(thing)
    writer.close()
    xml.unlink()


def _place(number: int) -> tuple[float, float]:
    """A place in the city for each number: the golden ratio's multiples lie evenly."""
    return WEST + number * 0.6180339887 % 1 * WIDE, SOUTH + number * 0.7548776662 % 1 * WIDE


Writer = Callable[[Path, int], None]
KINDS: dict[str, tuple[str, str, Writer]] = {
    "cameras": ("camera rows as CSV", "large.csv", cameras),
    "links": ("links as GeoJSON", "large.geojson", links),
    "osm": ("OpenStreetMap XML", "large.osm", osm_xml),
    "pbf": ("OpenStreetMap PBF, of XML of that size", "large.osm.pbf", osm_pbf),
    "feature": ("one feature as GeoJSON, refused", "large.geojson", one_feature),
    "cell": ("one cell as CSV, refused", "large.csv", one_cell),
}
