"""Each kind of file that cannot be taken, or not whole, with the reason it gets."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon, box

from madang.ground.city.export.rejections import rejected_rows
from madang.ground.city.models import District, Import, Place, RoadLink, RoadNode
from madang.ground.city.projection import reproject
from madang.ground.city.reading import archives

from .bringing import (
    STOPS,
    bring_file,
    bring_files,
    counts,
    geojson_file,
    new_city,
    plan,
    stops_csv,
    stops_file,
    with_district,
)

pytestmark = pytest.mark.django_db
ROW = ("1", "장안문", "127.01", "37.28")
DONG = {"adm_cd2": "4111156000", "dong": "파장동"}


def refusal(*paths: Path) -> str:
    [step] = plan(*paths)
    assert step.refused, step
    return step.refused.code


def codes(done: Import) -> list[str]:
    return list(done.rejections.order_by("number").values_list("reason", flat=True))


def noted(done: Import) -> set[str]:
    return {each["code"] for each in done.notes}


def test_an_unknown_table_says_what_would_be_recognised(tmp_path: Path) -> None:
    path = tmp_path / "bus_stops.csv"
    path.write_text("날짜,이름\n2026-01-01,신정\n", "utf-8")
    [step] = plan(path)
    assert step.refused
    assert step.refused.code == "unrecognised"
    assert "LINK_ID" in str(step.refused)
    assert "날짜" in str(step.refused)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not-data"),
        (b"PK\x03\x04 broken", "truncated"),
        (b'{"type": "FeatureCollection", "features": [{"type": "Fea', "truncated"),
        (b'{"type": "FeatureCollection", "features": [}', "broken"),
        (b"words without a table", "not-data"),
        (b'{"records": [1, 2]}', "not-data"),
    ],
)
def test_what_is_not_data(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert refusal(path) == reason


def test_a_geojson_that_breaks_off_later_changes_nothing(tmp_path: Path) -> None:
    node = {"NODE_ID": "", "NODE_TYPE": "101"}
    path = geojson_file(
        tmp_path, [({**node, "NODE_ID": str(i)}, Point(127, 37.2)) for i in range(3_000)]
    )
    path.write_bytes(path.read_bytes()[:-5_000])
    done = bring_file(new_city(), path)
    assert (done.state, done.problem) == ("refused", {"code": "truncated"})
    assert done.read == 0
    assert not RoadNode.objects.exists()


def test_a_csv_that_breaks_off_in_a_quoted_cell(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(stops_csv([ROW]) + '2,"열린 인용', "utf-8")
    done = bring_file(new_city(), path)
    assert done.problem == {"code": "truncated"}
    assert not Place.objects.exists()


def zipped(folder: Path, members: dict[str, bytes], **words: Any) -> Path:
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **words) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_looked_into(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"한글/정류장.csv": stops_csv([ROW]).encode(), "README": b"words"})
    [done] = bring_files(new_city(), path)
    assert (done.file, done.new) == ("archive.zip/정류장.csv", 1)


def test_a_truncated_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.csv": stops_csv([ROW] * 500).encode()})
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(path) == "truncated"


def test_a_zip_whose_content_was_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.csv": stops_csv([ROW] * 500).encode()})
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    assert refusal(path) == "truncated"


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.csv": b"0" * (archives.BOMB_FROM + 1)})
    assert refusal(path) == "archive-bomb"


def test_a_zip_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.csv": b"0" * (archives.BOMB_FROM + 1)})
    content = path.read_bytes()
    size = (archives.BOMB_FROM + 1).to_bytes(4, "little")
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    assert refusal(path) in ("archive-bomb", "truncated")


def test_a_zip_that_writes_outside(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"../../outside.csv": b"a,b\n1,2\n"})
    assert refusal(path) == "archive-path"


def test_a_workbook_bomb(tmp_path: Path) -> None:
    path = zipped(
        tmp_path, {"[Content_Types].xml": b"<x/>", "xl/a.xml": b" " * (archives.BOMB_FROM + 1)}
    )
    assert refusal(path) == "archive-bomb"


def test_metres_without_a_coordinate_system_that_fit_only_one(tmp_path: Path) -> None:
    city = with_district(new_city())
    nodes = [({"NODE_ID": "1", "NODE_TYPE": "101"}, Point(200_000, 519_000))]
    done = bring_file(city, geojson_file(tmp_path, nodes))
    assert {"code": "crs-guessed", "crs": "EPSG:5186"} in done.notes
    assert RoadNode.objects.get().lon == pytest.approx(127.0)


def test_metres_that_fit_none_are_asked_about(tmp_path: Path) -> None:
    nodes = [({"NODE_ID": "1", "NODE_TYPE": "101"}, Point(5_000_000, 9_000_000))]
    done = bring_file(with_district(new_city()), geojson_file(tmp_path, nodes))
    assert done.problem is not None
    assert done.problem["code"] == "no-crs"


def test_points_beyond_the_pole_are_refused_without_a_distance(tmp_path: Path) -> None:
    nodes = [({"NODE_ID": "1", "NODE_TYPE": "101"}, Point(1, 100))]
    done = bring_file(with_district(new_city()), geojson_file(tmp_path, nodes))
    assert done.problem is not None
    assert (done.problem["code"], done.problem["km"]) == ("in-the-sea", "?")


def test_points_in_the_sea_are_asked_about_and_then_taken(tmp_path: Path) -> None:
    city = with_district(new_city())
    wrong = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}
    nodes = [({"NODE_ID": "1", "NODE_TYPE": "101"}, Point(200_000, 519_000))]
    path = geojson_file(tmp_path, nodes, crs=wrong)
    done = bring_file(city, path)
    assert (done.state, done.problem and done.problem["code"]) == ("refused", "in-the-sea")
    assert bring_file(city, path, crs="EPSG:5186").new == 1


def test_swapped_latitude_and_longitude(tmp_path: Path) -> None:
    path = stops_file(tmp_path, [("1", "가", "37.27", "127.0")])
    done = bring_file(with_district(new_city()), path)
    assert done.problem is not None
    assert done.problem["code"] == "swapped"


def test_a_coordinate_system_nobody_knows(tmp_path: Path) -> None:
    done = bring_file(new_city(), stops_file(tmp_path, [ROW]), crs="EPSG:99999999")
    assert done.problem == {"code": "bad-crs", "crs": "EPSG:99999999"}


def shapefile(folder: Path, shapes: list[Any], fields: dict[str, list[Any]], **words: Any) -> Path:
    path = folder / words.pop("name", "layer.shp")
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(shapes), dtype=object),
        field_data=[np.array(column, dtype=object) for column in fields.values()],
        fields=list(fields),
        geometry_type=words.pop("geometry_type", "Polygon"),
        **words,
    )
    return path


OUTLINE = box(126.99, 37.26, 127.01, 37.28)
METRES = reproject(np.array([OUTLINE]), "EPSG:4326", "EPSG:5186")[0]
FIELDS = {"EMD_CD": ["41111560"], "EMD_KOR_NM": ["파장동"]}


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_a_shapefile_in_metres(tmp_path: Path, encoding: str) -> None:
    path = shapefile(tmp_path, [METRES], FIELDS, crs="EPSG:5186", encoding=encoding)
    if encoding == "cp949":
        path.with_suffix(".cpg").unlink()
    done = bring_file(new_city(), path.parent)
    assert (done.new, done.crs) == (1, "EPSG:5186")
    assert District.objects.get().names == {"ko": "파장동"}
    assert District.objects.get().lon == pytest.approx(127.0, abs=0.02)


def test_a_shapefile_without_prj_is_asked_about(tmp_path: Path) -> None:
    path = shapefile(tmp_path, [METRES], FIELDS, crs="EPSG:5186", encoding="utf-8")
    path.with_suffix(".prj").unlink()
    done = bring_file(new_city(), path)
    assert done.problem is not None
    assert done.problem["code"] == "no-crs"
    assert bring_file(new_city("other"), path, crs="EPSG:5186").new == 1


def test_a_shapefile_that_is_not_whole(tmp_path: Path) -> None:
    path = shapefile(tmp_path, [METRES], FIELDS, crs="EPSG:5186")
    path.with_suffix(".dbf").unlink()
    assert refusal(path) == "shapefile-part"


def test_a_truncated_shapefile(tmp_path: Path) -> None:
    many = {"EMD_CD": [f"4111{i:04}" for i in range(50)], "EMD_KOR_NM": ["동"] * 50}
    path = shapefile(tmp_path, [METRES] * 50, many, crs="EPSG:5186")
    path.write_bytes(path.read_bytes()[:2_000])
    [step] = plan(path.parent)
    if step.sheet and not step.refused:
        done = bring_file(new_city(), path)
        assert done.state == "refused" or done.rejected > 40
    assert District.objects.count() < 50


def test_a_geopackage(tmp_path: Path) -> None:
    path = shapefile(tmp_path, [METRES], FIELDS, crs="EPSG:5186", name="x.gpkg", driver="GPKG")
    assert bring_file(new_city(), path).new == 1


def test_a_bow_tie_is_repaired_and_said(tmp_path: Path) -> None:
    bow_tie = Polygon([(127, 37.2), (127.02, 37.22), (127.02, 37.2), (127, 37.22)])
    done = bring_file(new_city(), geojson_file(tmp_path, [(DONG, bow_tie)]))
    assert counts(done) == (1, 1, 0, 0, 0)
    assert {"code": "repaired", "count": 1} in done.notes
    assert shapely.from_wkb(bytes(District.objects.get().geometry)).is_valid


def test_an_outline_without_area_is_rejected(tmp_path: Path) -> None:
    flat = Polygon([(127, 37), (128, 37), (127.5, 37)])
    done = bring_file(new_city(), geojson_file(tmp_path, [(DONG, flat)]))
    assert codes(done) == ["crossing"]
    assert done.rejections.get().content["geometry"]["type"] == "Polygon"


def test_rows_of_the_wrong_shape_or_none(tmp_path: Path) -> None:
    rows = [(DONG, Point(127, 37.2)), (DONG, None), (DONG, box(127, 37.2, 127.1, 37.3))]
    done = bring_file(new_city(), geojson_file(tmp_path, rows))
    assert codes(done) == ["wrong-shape", "no-shape"]
    assert done.new == 1


def test_each_dirty_cell_has_its_reason(tmp_path: Path) -> None:
    rows = [
        ROW,
        ("2", "좌표 없음", "", ""),
        ("3", "글자", "동경", "37.2"),
        ("", "번호 없음", "127.0", "37.27"),
        ("1", "같은 번호", "127.0", "37.27"),
        ("5", "먼 곳", "127.9", "37.27"),
        ("6", "칸이 많음", "127.0", "37.27", "더"),
    ]
    done = bring_file(with_district(new_city()), stops_file(tmp_path, rows))
    assert counts(done) == (7, 1, 0, 0, 6)
    assert codes(done) == [
        "no-point", "not-a-number", "missing", "repeated", "outside", "cells",
    ]  # fmt: skip


def test_rejected_rows_are_corrected_and_sent_again(tmp_path: Path) -> None:
    city = with_district(new_city())
    rows = [ROW, ("2", "=HYPERLINK(1)", "동경", "37.27")]
    done = bring_file(city, stops_file(tmp_path, rows))
    file = rejected_rows(done)
    text = b"".join(file.pieces).decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    corrected = tmp_path / file.name
    corrected.write_text(text.replace("동경", "127.001"), "utf-8")
    again = bring_file(city, corrected)
    assert counts(again) == (1, 1, 0, 0, 0)
    assert Place.objects.get(key="2").name == "=HYPERLINK(1)"
    assert set(Place.objects.get(key="2").details) == {"정류장ID"}


def test_rejected_features_come_back_as_geojson(tmp_path: Path) -> None:
    city = new_city()
    link = {"F_NODE": "a", "T_NODE": "b", "LANES": 2, "MAX_SPD": 60, "ROAD_RANK": "999"}
    shape = LineString([(127, 37.2), (127.1, 37.2)])
    done = bring_file(city, geojson_file(tmp_path, [({"LINK_ID": "1", **link}, shape)]))
    assert codes(done) == ["unknown-word"]
    collection = json.loads(b"".join(rejected_rows(done).pieces))
    collection["features"][0]["properties"]["ROAD_RANK"] = "103"
    path = tmp_path / "again.geojson"
    path.write_text(json.dumps(collection))
    assert bring_file(city, path).new == 1
    assert RoadLink.objects.get().rank == "national"


def test_zero_lanes_and_speed_are_unknown(tmp_path: Path) -> None:
    link = {"LINK_ID": "1", "F_NODE": "a", "T_NODE": "b", "LANES": 0, "MAX_SPD": 0}
    pieces = MultiLineString([[(127, 37.2), (127.1, 37.2)], [(127.1, 37.2), (127.2, 37.3)]])
    done = bring_file(new_city(), geojson_file(tmp_path, [({**link, "ROAD_RANK": "107"}, pieces)]))
    stored = RoadLink.objects.get()
    assert (stored.lanes, stored.speed_kmh) == (None, None)
    assert noted(done) >= {"unknown-zero", "joined"}
    assert shapely.from_wkb(bytes(stored.geometry)).geom_type == "LineString"


def test_a_table_with_a_header_and_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(",".join(STOPS) + "\n", "utf-8")
    done = bring_file(new_city(), path)
    assert done.problem == {"code": "no-rows"}


def test_a_broken_openstreetmap_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('<?xml version="1.0"?><osm version="0.6"><node id="1" lat="37" lon="127"/>')
    done = bring_file(new_city(), path)
    assert done.state == "refused"
    assert done.problem is not None
    assert done.problem["code"] in ("truncated", "broken")


def test_a_workbook_that_is_cut(tmp_path: Path) -> None:
    import openpyxl

    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.save(stream)
    path = tmp_path / "x.xlsx"
    path.write_bytes(stream.getvalue()[:-200])
    assert refusal(path) == "truncated"
