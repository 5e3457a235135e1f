"""Large files are read a piece at a time: what a row costs in memory does not grow with the file."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import osmium
import pytest

from madang.ground.city.models import RoadLink, RoadNode
from madang.ground.city.reading import files
from madang.ground.city.reading.files import look_into, open_file
from madang.ground.city.reading.meetings import Meetings
from madang.ground.city.reasons import Refused

from .bringing import bring_file, counts, new_city, plan

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
