"""The same table in every form an office may send it."""

from pathlib import Path

import openpyxl
import pytest

from madang.ground.city.models import Place

from .bringing import STOPS, bring_file, counts, new_city, stops_csv, stops_file

pytestmark = pytest.mark.django_db
ROWS = [("1", "화성행궁 뷁", "127.01", "37.28"), ("2", "장안문", "127.02", "37.29")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_text_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    done = bring_file(new_city(), stops_file(tmp_path, ROWS, encoding))
    assert counts(done) == (2, 2, 0, 0, 0)
    assert Place.objects.get(key="1").name == "화성행궁 뷁"


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "x"
    path.write_text(stops_csv(ROWS).replace(",", delimiter), "utf-8")
    assert bring_file(new_city(), path).new == 2


def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["정류장 목록"])
    sheet.append(STOPS)
    for number, name, lon, lat in ROWS:
        sheet.append([int(number), name, float(lon), float(lat)])
    book.create_sheet("비고")
    path = tmp_path / "anything.bin"
    book.save(path)
    done = bring_file(new_city(), path)
    assert counts(done) == (2, 2, 0, 0, 0)
    assert set(Place.objects.values_list("key", flat=True)) == {"1", "2"}


def test_rows_of_two_encodings_in_one_file(tmp_path: Path) -> None:
    one, two = stops_csv(ROWS).splitlines(keepends=True)[1:]
    path = tmp_path / "x"
    path.write_bytes((",".join(STOPS) + "\n" + one).encode() + two.encode("cp949"))
    done = bring_file(new_city(), path)
    assert done.new == 2
    assert Place.objects.get(key="2").name == "장안문"
    assert {"code": "mixed-encodings", "count": 1, "encoding": "CP949"} in done.notes


def test_a_row_in_no_encoding_is_rejected_alone(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(stops_csv(ROWS).encode() + b"3,\xff\xfe\xff,127.0,37.2\n")
    done = bring_file(new_city(), path)
    assert counts(done) == (3, 2, 0, 0, 1)
    assert done.rejections.get().reason == "unreadable"


def test_a_header_in_other_words_is_the_same_table(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(stops_csv(ROWS, ["정류소 번호", "정류소명", "경도", "위도"]), "utf-8")
    assert bring_file(new_city(), path).recogniser == "places-bus-stop"
