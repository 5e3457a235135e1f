"""Large files are read a piece at a time: what a row costs in memory does not grow with the file."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import osmium
import pyogrio
import pytest
import shapely

from madang.ground.city.domain import intake, staging
from madang.ground.city.models import District, Place, RoadLink, RoadNode
from madang.ground.city.reading import archives, files, geojsons, layers, overpass, stretches
from madang.ground.city.reading.files import look_into, open_file
from madang.ground.city.reading.meetings import Meetings, Numbers
from madang.ground.city.reading.sheets import SourceRow
from madang.ground.city.reasons import Refused
from madang.ground.city.recognisers import districts
from madang.ground.sensing import importing

from .bringing import bring_file, counts, geojson_file, new_city, plan, stops_file

CEILING = 24 << 20
"""Far less than the files below, and the same whatever their size."""


def csv_lines(rows: int) -> Iterator[str]:
    yield "정류장ID,정류장명,lon,lat,note\n"
    note = "x" * 900
    for number in range(rows):
        yield f"{number},{number}번,127.0,37.27,{note}\n"


def features(rows: int) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": ['
    note = "x" * 900
    for number in range(rows):
        yield (
            f'{"," if number else ""}{{"type": "Feature", "properties": {{"NODE_ID": "{number}",'
            f' "NODE_TYPE": "101", "note": "{note}"}},'
            ' "geometry": {"type": "Point", "coordinates": [127.0, 37.27]}}'
        )
    yield "]}"


@pytest.mark.parametrize("written", [csv_lines, features])
def test_memory_does_not_grow_with_the_file(
    tmp_path: Path, written: Callable[[int], Iterator[str]]
) -> None:
    path = tmp_path / "large"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(written(60_000))
    assert path.stat().st_size > 2 * CEILING
    [sheet] = open_file(path, "large")
    tracemalloc.start()
    try:
        assert sum(1 for _ in sheet.rows()) == 60_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < CEILING


def test_a_line_without_end_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(b"a,b\n" + b"x" * (9 << 20))
    [sheet] = open_file(path, "endless")
    with pytest.raises(Refused) as refused:
        list(sheet.rows())
    assert refused.value.code == "endless-line"


def test_a_workbook_of_too_many_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_WORDS", 1000)
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/sharedStrings.xml", "word " * 300)
    [step] = plan(path)
    assert step.refused is not None
    assert step.refused.code == "workbook-too-large"


def test_roads_meet_where_they_share_a_node_and_end_once() -> None:
    meetings = Meetings()
    for road in ([1, 2, 3], [5, 2, 6], [7, 8, 7]):
        meetings.add(road)
    meetings.close()
    assert meetings.among([1, 2, 3, 4, 5, 8, 10**12]) == [
        True,
        True,
        True,
        False,
        True,
        False,
        False,
    ]
    asked = [2, 2, 4, 4, 8]
    assert [meetings.is_first(ref) for ref in asked] == [True, False, True, False, True]


def test_numbers_are_known_after_they_were_added() -> None:
    numbers = Numbers()
    assert 3 not in numbers
    for number in (5, 3, 3, 10**12):
        numbers.add(number)
    assert [number in numbers for number in (3, 4, 5, 10**12)] == [True, False, True, True]
    numbers.add(4)
    assert 4 in numbers


def test_no_roads_at_all() -> None:
    meetings = Meetings()
    meetings.close()
    assert meetings.among([1]) == [False]
    assert meetings.is_first(1)


@pytest.mark.django_db
def test_openstreetmap_as_pbf_is_the_same_as_xml(tmp_path: Path) -> None:
    pbf, xml = tmp_path / "small.osm.pbf", tmp_path / "small.osm"
    for path in (pbf, xml):
        writer = osmium.SimpleWriter(str(path))
        points = {1: (127.0, 37.27), 2: (127.001, 37.27), 3: (127.002, 37.27), 4: (127.001, 37.271)}
        for number, place in points.items():
            tags = {"highway": "traffic_signals"} if number == 2 else {}
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place, tags=tags))
        street = {"highway": "residential", "name": "가로"}
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3], tags=street))
        writer.add_way(
            osmium.osm.mutable.Way(id=2, nodes=[2, 4], tags={"highway": "primary", "oneway": "yes"})
        )
        writer.close()
    city = new_city("pbf")
    done = bring_file(city, pbf)
    assert done.state == "applied", done.problem
    assert done.recogniser == "openstreetmap"
    assert RoadLink.objects.count() == 2 * 2 + 1
    assert RoadNode.objects.filter(kind="signals").count() == 1
    again = bring_file(city, xml)
    assert counts(again) == (done.read, 0, 0, done.read, 0)


@pytest.mark.django_db
def test_a_truncated_pbf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "small.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    for number in range(1, 20_000):
        place = (127.0 + number * 7919 % 1009 * 1e-4, 37.0 + number * 104729 % 1013 * 1e-4)
        writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
    writer.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    done = bring_file(new_city("pbf"), path)
    assert done.state == "refused"
    assert done.problem is not None
    assert done.problem["code"] in ("truncated", "broken")


@pytest.mark.django_db
def test_emergency_bells_by_their_columns_and_number(tmp_path: Path) -> None:
    """안전비상벨: the columns of the national register, in a workbook's place as CSV of cp949."""
    text = io.StringIO()
    text.write(
        "안전비상벨관리번호,설치목적,설치장소유형,설치위치,소재지도로명주소,위도,경도,데이터기준일자\n"
    )
    text.write("B-1,범죄예방,공원,화장실 앞,수원시 1,37.27,127.0,2025-01-01\n")
    text.write("B-2,범죄예방,공원,입구,수원시 2,37.271,127.0,2025-01-01\n")
    text.write("B-2,범죄예방,공원,입구,수원시 2,37.271,127.0,2025-01-01\n")
    text.write("B-3,범죄예방,공원,숲,수원시 3,,,2025-01-01\n")
    path = tmp_path / "bells"
    path.write_bytes(text.getvalue().encode("cp949"))
    city = new_city()
    done = bring_file(city, path)
    assert done.recogniser == "places-bell"
    assert counts(done) == (4, 2, 0, 0, 2)
    assert set(done.rejections.values_list("reason", flat=True)) == {"repeated", "no-point"}
    with look_into([path]) as found:
        assert found[0].refused is None


def wide_feature(points: int) -> str:
    line = ",".join(["[127.0,37.27]"] * points)
    feature = '{"type":"Feature","properties":{"NODE_ID":"1","NODE_TYPE":"101"},"geometry":'
    return f'{feature}{{"type":"LineString","coordinates":[{line}]}}}}'


def test_one_feature_as_large_as_the_file_is_refused_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "one.geojson"
    small = wide_feature(2)
    path.write_text(
        f'{{"type": "FeatureCollection", "features": [{small}, {wide_feature(1_100_000)}]}}'
    )
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as refused:
            list(open_file(path, "one")[0].rows())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.code == "endless-feature"
    assert peak < 300 << 20


def test_a_word_as_large_as_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geojsons, "LARGEST_FEATURE", 1 << 20)
    path = tmp_path / "one.geojson"
    path.write_text('{"type":"FeatureCollection","features":[{"note":"' + "x" * (3 << 20) + '"}]}')
    with pytest.raises(Refused) as refused:
        open_file(path, "one")
    assert refused.value.code == "endless-feature"


def test_a_quote_that_does_not_close_is_not_read_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(b'a,b\n1,"' + b"x\n" * (5 << 20))
    with pytest.raises(Refused) as refused:
        list(open_file(path, "endless")[0].rows())
    assert refused.value.code == "endless-line"


def test_a_row_of_many_large_cells_over_many_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(b"a,b\n" + b",".join([b'"' + b"x\n" * 400_000 + b'"'] * 12) + b"\n")
    with pytest.raises(Refused) as refused:
        list(open_file(path, "endless")[0].rows())
    assert refused.value.code == "endless-line"


def test_a_table_of_too_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "wide"
    path.write_text(",".join(f"c{n}" for n in range(5_000)) + "\n1\n")
    with pytest.raises(Refused) as refused:
        open_file(path, "wide")
    assert refused.value.code == "too-many-columns"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("map.osm", b"<?xml version='1.0'?><osm><node id='1' lat='1' lon='1'><tag k='a' v='%s'/>"),
        ("book.xlsx", b"<worksheet><sheetData><row><c t='inlineStr'><is><t>%s</t>"),
    ],
)
def test_a_word_that_a_parser_would_hold_is_refused(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    words = content % (b"x" * (stretches.LONGEST + 1))
    path.write_bytes(words)
    if name.endswith("xlsx"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/worksheets/sheet1.xml", words)
    assert [step.refused.code for step in plan(path) if step.refused] == ["endless-word"]


def test_an_archive_of_millions_of_members_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_DIRECTORY", 1000)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}.csv", "a,b\n")
    [step] = plan(path)
    assert step.refused is not None
    assert step.refused.code == "archive-too-many"


@pytest.mark.parametrize("driver", ["GPKG", "ESRI Shapefile"])
def test_layers_are_read_a_bounded_piece_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    path = tmp_path / ("x.gpkg" if driver == "GPKG" else "x.shp")
    shapes = [shapely.Point(127 + n / 1e5, 37.27).buffer(0.001) for n in range(2_500)]
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(shapes), dtype=object),
        field_data=[np.arange(2_500)],
        fields=["number"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        driver=driver,
    )
    [sheet] = open_file(path, path.name)
    rows = list(sheet.rows())
    assert [row.values["number"] for row in rows] == list(range(2_500))
    assert [row.number for row in rows] == list(range(1, 2_501))
    monkeypatch.setattr(layers, "LARGEST", 100)
    with pytest.raises(Refused) as refused:
        next(open_file(path, path.name)[0].rows())
    assert refused.value.code == "endless-feature"


def test_batches_are_bounded_by_what_their_rows_weigh() -> None:
    heavy = [SourceRow(number, {}, weight=intake.HEAVY // 3) for number in range(10)]
    assert [len(batch) for batch in intake._batches(iter(heavy))] == [4, 4, 2]
    light = [SourceRow(number, {}) for number in range(2 * intake.BATCH + 1)]
    assert [len(batch) for batch in intake._batches(iter(light))] == [intake.BATCH] * 2 + [1]


@pytest.mark.django_db
def test_repeated_and_shared_keys_are_told_apart_in_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither takes memory in the importer: repeats are paged, shared keys numbered by their order."""
    monkeypatch.setattr(staging, "PAGE", 2)
    stops = stops_file(tmp_path, [("1", f"{n}번", "127.0", "37.27") for n in range(7)])
    done = bring_file(new_city(), stops)
    assert counts(done) == (7, 1, 0, 0, 6)
    rejected = done.rejections.order_by("number")
    assert [one.number for one in rejected] == [3, 4, 5, 6, 7, 8]
    assert {one.figures["first"] for one in rejected} == {2}

    shades = tmp_path / "shades.csv"
    lines = ["설치장소명,그늘막유형,위도,경도", *["역 앞,고정형,37.27,127.0"] * 3]
    shades.write_text("\n".join(lines))
    done = bring_file(new_city("other"), shades)
    assert counts(done) == (3, 3, 0, 0, 0)
    keys = Place.objects.filter(city=done.city).order_by("key").values_list("key", flat=True)
    assert [key.partition("#")[2] for key in keys] == ["", "2", "3"]


@pytest.mark.django_db
def test_outlines_that_no_memory_could_keep_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlines = [
        ({"adm_cd2": f"41111{n:05}", "dong": f"{n}동"}, shapely.box(127, 37, 127.1, 37.1))
        for n in range(1, 9)
    ]
    path = geojson_file(tmp_path, outlines)
    for limit, value, code in (("MOST", 5, "too-many-districts"), ("MOST_POINTS", 30, "too-fine")):
        with monkeypatch.context() as patched:
            patched.setattr(districts, limit, value)
            done = bring_file(new_city(code), path)
        assert (done.state, done.problem and done.problem["code"]) == ("refused", code)
    assert not District.objects.exists()


@pytest.mark.django_db
def test_stations_without_number_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_STATIONS", 2)
    path = tmp_path / "weather.csv"
    rows = [f"{n},마당{n},2020-01-01 0:00,1,1,1" for n in range(3)]
    path.write_text("\n".join(["지점,지점명,일시,기온,풍속,습도", *rows]))
    done = bring_file(new_city(), path)
    assert (done.state, done.problem and done.problem["code"]) == ("refused", "too-many-stations")


def test_member_geometry_is_taken_out_wherever_a_piece_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = (
        '<member type="way" ref="1" role=""><nd lat="1" lon="1"/>\n<nd lat="2" lon="2"/></member>'
    )
    bare = '<member type="way" ref="1" role=""/>'
    tag = '<tag k="a" v="b"/>'
    whole = (
        f"<osm><relation id='1'>{member * 3}{bare}{tag}</relation><way id='2'>{tag * 9}</way></osm>"
    )
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text(whole)
    for piece in (7, 60, 200, 5_000):
        monkeypatch.setattr(overpass, "PIECE", piece)
        overpass.without_member_geometry(source, target)
        assert target.read_text() == whole.replace(member, bare), piece
