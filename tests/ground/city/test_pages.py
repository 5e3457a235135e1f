"""The pages of the city's data: who may what, an upload from sending to undoing, words and settings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fixtures.people import add_factor
from madang.ground.city.domain import uploads
from madang.ground.city.models import City, DataSet, Import, Place
from madang.ground.people.models import Account
from madang.ground.trail.models import Entry

from .bringing import bring_file, do_jobs, new_city, stops_csv, stops_file

pytestmark = pytest.mark.django_db
ROWS = [("1", "장안문", "127.01", "37.28"), ("2", "좌표 없음", "", "")]


@pytest.fixture
def city(settings: Any, tmp_path: Path) -> City:
    settings.HOME = tmp_path / "home"
    return new_city()


@pytest.fixture
def steward(city: City) -> Client:
    account = Account.objects.create_user("a@example.org", "password", name="관리자", steward=True)
    add_factor(account)
    client = Client(headers={"accept-language": "en"})
    client.force_login(account)
    return client


def send(client: Client, *files: tuple[str, bytes], **asked: str) -> Import:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    answer = client.post("/yard/data/upload/", {"upload": sent, **asked})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.latest("began")


def page(client: Client, path: str) -> str:
    answer = client.get(f"/yard/{path}")
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("path", ["data/upload/", "data/imports/", "settings/"])
def test_a_visitor_is_asked_to_sign_in(city: City, path: str) -> None:
    assert Client().get(f"/yard/{path}").status_code == 302


def test_somebody_without_a_role_may_not_import(city: City) -> None:
    client = Client()
    client.force_login(Account.objects.create_user("b@example.org", "password", name="B"))
    assert client.get("/yard/data/upload/").status_code == 403
    assert client.post("/yard/data/upload/", {}).status_code == 403


def test_an_import_of_another_city_is_not_found(steward: Client, tmp_path: Path) -> None:
    other = new_city("other")
    done = bring_file(other, stops_file(tmp_path, ROWS))
    for part in ("", "state/", "rejected/"):
        assert steward.get(f"/yard/data/imports/{done.id}/{part}").status_code == 404
    answer = {"answer": "undo", "reason": "x"}
    assert steward.post(f"/yard/data/imports/{done.id}/answer/", answer).status_code == 404


def test_everybody_sees_data_sets_and_nobody_strange_their_rejected_rows(
    city: City, steward: Client, tmp_path: Path
) -> None:
    done = bring_file(city, stops_file(tmp_path, ROWS))
    assert "버스정류장" in page(Client(), "data/")
    assert "data/imports" not in page(Client(), "data/")
    page(Client(), "data/sets/places-bus-stop/")
    page(Client(), "data/recognised/")
    page(Client(), "districts/")
    assert Client().get(f"/yard/data/imports/{done.id}/rejected/").status_code == 302
    text = b"".join(steward.get(f"/yard/data/imports/{done.id}/rejected/").streaming_content)  # type: ignore[attr-defined]
    assert "좌표 없음" in text.decode()


def test_an_upload_is_shown_then_applied_then_undone(steward: Client) -> None:
    one = send(steward, ("stops.csv", stops_csv(ROWS).encode("cp949")), date="2026-01-02")
    assert one.state == "waiting"
    assert "hx-get" in page(steward, f"data/imports/{one.id}/")
    do_jobs()
    shown = page(steward, f"data/imports/{one.id}/")
    assert "Add 1 and change 0 rows" in shown
    assert not Place.objects.exists()

    steward.post(f"/yard/data/imports/{one.id}/answer/", {"answer": "apply"})
    do_jobs()
    one.refresh_from_db()
    assert (one.state, one.new, one.rejected) == ("applied", 1, 1)
    assert DataSet.objects.get().as_of == date(2026, 1, 2)
    assert not Path(one.stored).is_file()

    steward.post(f"/yard/data/imports/{one.id}/answer/", {"answer": "undo", "reason": "시험"})
    one.refresh_from_db()
    assert one.state == "undone"
    assert not Place.objects.exists()
    assert Entry.objects.filter(action="city.import.undone").exists()


def test_what_was_shown_must_still_be_so(steward: Client, city: City, tmp_path: Path) -> None:
    one = send(steward, ("stops.csv", stops_csv(ROWS).encode()))
    do_jobs()
    bring_file(city, stops_file(tmp_path, ROWS))
    steward.post(f"/yard/data/imports/{one.id}/answer/", {"answer": "apply"})
    do_jobs()
    one.refresh_from_db()
    assert (one.state, one.same) == ("previewed", 1)
    assert one.problem == {"code": "moved-on"}


def test_a_refused_upload_is_read_again_with_an_answer(steward: Client, city: City) -> None:
    rows = [("1", "먼 점", "5000000", "5000000")]
    one = send(steward, ("stops.csv", stops_csv(rows).encode()))
    do_jobs()
    one.refresh_from_db()
    assert (one.state, one.problem and one.problem["code"]) == ("refused", "no-crs")
    assert 'name="answer" value="again"' in page(steward, f"data/imports/{one.id}/")
    steward.post(f"/yard/data/imports/{one.id}/answer/", {"answer": "again", "crs": "EPSG:5179"})
    do_jobs()
    one.refresh_from_db()
    assert one.problem is not None
    assert one.problem["code"] == "in-the-sea"


def test_a_discarded_upload_is_forgotten(steward: Client) -> None:
    one = send(steward, ("stops.csv", stops_csv(ROWS).encode()))
    do_jobs()
    one.refresh_from_db()
    folder = Path(one.stored).parent
    assert folder.exists()
    steward.post(f"/yard/data/imports/{one.id}/answer/", {"answer": "discard"})
    one.refresh_from_db()
    assert one.state == "discarded"
    assert not folder.exists()
    steward.post(f"/yard/data/imports/{one.id}/answer/", {"answer": "apply"})
    assert not Place.objects.exists()


def test_an_archive_becomes_an_import_for_each_file(steward: Client, tmp_path: Path) -> None:
    import io
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", stops_csv(ROWS))
        archive.writestr("b.csv", "날짜,이름\n1,2\n")
    send(steward, ("both.zip", stream.getvalue()))
    do_jobs()
    states = dict(Import.objects.values_list("file", "state"))
    assert states == {"both.zip/a.csv": "previewed", "both.zip/b.csv": "refused"}
    first = Import.objects.get(file="both.zip/a.csv")
    steward.post(f"/yard/data/imports/{first.id}/answer/", {"answer": "apply"})
    do_jobs()
    assert Place.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\자료\\정류장.csv", "정류장.csv"),
        ("..", "file"),
        ("a\x00b.csv", "ab.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_names_of_files_are_made_harmless(name: str, kept: str) -> None:
    assert uploads.safe_name(name) == kept


def test_words_of_a_data_set_are_corrected_and_stay(
    steward: Client, city: City, tmp_path: Path
) -> None:
    path = stops_file(tmp_path, ROWS)
    bring_file(city, path)
    words = {
        "source": "수원시",
        "licence": "KOGL 1",
        "attribution": "수원시 제공",
        "as_of": "2025-01-01",
    }
    steward.post("/yard/data/sets/places-bus-stop/", words)
    bring_file(city, path)
    stored = DataSet.objects.get()
    assert (stored.source, stored.licence, stored.as_of) == ("수원시", "KOGL 1", date(2025, 1, 1))
    assert Entry.objects.filter(action="city.data_set_changed").exists()
    Client().post("/yard/data/sets/places-bus-stop/", {**words, "source": "남"})
    assert DataSet.objects.get().source == "수원시"


def test_the_city_is_renamed(steward: Client, city: City) -> None:
    good = {"ko": "새마당", "en": "New Yard", "ja": "", "time_zone": "Asia/Seoul"}
    assert (
        "no time zone"
        in steward.post("/yard/settings/", {**good, "time_zone": "X"}).content.decode()
    )
    steward.post("/yard/settings/", good)
    city.refresh_from_db()
    assert city.names == {"ko": "새마당", "en": "New Yard"}
    assert Entry.objects.filter(action="city.settings_changed").exists()
