"""The register of cameras: recorded, changed by those with the right, planned, mended, shown, exported."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from ground.city.bringing import bring_file
from madang.ground.city.domain.undo import undo
from madang.ground.city.models import City
from madang.ground.people.models import Account
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain.devices import (
    CameraSpec,
    change_camera,
    plan_camera,
    record_cameras,
    record_counted,
)
from madang.systems.cameras.domain.life import consult, end_fault, report_fault, step
from madang.systems.cameras.domain.sealing import seal, unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Fault, Site

pytestmark = pytest.mark.django_db
ACTOR = Actor(name="test")
PAGES = "/quiet/cameras/"
COLUMNS = "관리번호,설치목적구분,카메라대수,WGS84경도,WGS84위도"


@pytest.fixture
def sites(city: City) -> list[Site]:
    return make_sites(
        city,
        ("경기도 고요시 학교길 1", "school-zone", 127.002),
        ("경기도 고요시 시장길 9", "crime", 127.014),
    )


@pytest.fixture
def camera(city: City, sites: list[Site]) -> Camera:
    spec = CameraSpec(
        sites[0], 1, kind="fixed", main_address="rtsp://10.0.0.1/a", password="열려라"
    )
    assert record_cameras(city, [spec], ACTOR) == 1
    return Camera.objects.get(city=city)


def browser(account: Account | None) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    if account is not None:
        client.force_login(account)
    return client


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(PAGES + path)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_everybody_sees_how_many_where_and_for_what(sites: list[Site]) -> None:
    page = text(browser(None), "")
    assert "School zone" in page
    assert "Ga-dong" in page  # spelled: the register has it in Korean alone
    assert "Na-dong" in page
    assert "학교길" in text(browser(None), f"sites/{sites[0].pk}/")
    assert "10.0.0.1" not in text(browser(None), f"sites/{sites[0].pk}/")


def test_what_is_not_known_is_said_to_be_unknown(person: MakePerson, camera: Camera) -> None:
    page = text(browser(person("operator")), f"devices/{camera.pk}/")
    assert page.count("Unknown") >= 4
    assert "10.0.0.1" not in page  # an address of the inner network is for who keeps the register


def test_the_list_finds_by_words_purpose_and_district(
    city: City, person: MakePerson, sites: list[Site]
) -> None:
    record_counted(city, ACTOR)
    client = browser(person("operator"))
    assert "C1-1" in text(client, "devices/?q=학교길")
    assert "C2-1" not in text(client, "devices/?q=학교길")
    assert "C2-1" in text(client, "devices/?purpose=crime")
    assert "C1-1" not in text(client, "devices/?district=4111157000")
    assert "C1-1" not in text(client, "devices/?wrong=yes")


def test_counting_twice_records_each_camera_once(city: City, sites: list[Site]) -> None:
    assert record_counted(city, ACTOR) == 2
    assert record_counted(city, ACTOR) == 0


def test_a_password_is_kept_sealed_and_bound_to_its_camera(
    camera: Camera, sites: list[Site]
) -> None:
    stored = bytes(Camera.objects.get().sealed)
    assert "열려라".encode() not in stored
    assert unseal(camera.pk, stored) == "열려라"
    with pytest.raises(CameraError):
        unseal(sites[0].pk, stored)
    assert seal(camera.pk, "") == b""


def test_who_keeps_the_register_changes_it_and_nobody_else(
    person: MakePerson, camera: Camera
) -> None:
    path = f"{PAGES}devices/{camera.pk}/change/"
    words = {
        "kind": "turning",
        "bearing": "270",
        "transport": "udp",
        "main_address": "rtsp://10.0.0.2/b",
        "password": "",
    }
    assert browser(person("operator")).post(path, words).status_code == 403
    assert browser(person("administrator")).post(path, words).status_code == 302
    found = Camera.objects.get()
    assert (found.kind, found.bearing, found.transport) == ("turning", 270.0, "udp")
    assert unseal(found.pk, bytes(found.sealed)) == "열려라"


@pytest.mark.parametrize(
    "wrong",
    [
        {"main_address": "http://10.0.0.2/"},
        {"main_address": "rtsp://a:b@10.0.0.2/"},
        {"bearing": 361.0},
    ],
)
def test_a_value_that_cannot_be_is_refused_whole(camera: Camera, wrong: dict[str, Any]) -> None:
    with pytest.raises(CameraError):
        change_camera(camera, ACTOR, {"kind": "turning", **wrong}, None)
    assert Camera.objects.get().kind == "fixed"


def test_nothing_is_installed_before_residents_were_heard(sites: list[Site]) -> None:
    planned = plan_camera(sites[0], ACTOR)
    with pytest.raises(CameraError):
        step(planned, "installed", "준공", ACTOR)
    day = timezone.localdate()
    consult(
        sites[0],
        ACTOR,
        way="notice",
        begins=day - timedelta(20),
        ends=day,
        opinions=3,
        result="찬성",
    )
    step(planned, "installed", "준공", ACTOR)
    with pytest.raises(CameraError):
        step(planned, "planned", "되돌림", ACTOR)
    step(planned, "removed", "노후", ACTOR)
    assert [one.state for one in planned.steps.order_by("at")] == [
        "planned",
        "installed",
        "removed",
    ]


def test_a_fault_is_one_until_it_is_mended(person: MakePerson, camera: Camera) -> None:
    operator = browser(person("operator"))
    for _twice in range(2):
        operator.post(f"{PAGES}devices/{camera.pk}/fault/", {"what": "blurred", "words": "거미줄"})
    fault = Fault.objects.get()
    assert "거미줄" in text(operator, "faults/")
    operator.post(f"{PAGES}faults/{fault.pk}/end/", {"mended": "닦음"})
    with pytest.raises(CameraError):
        end_fault(fault, "닦음", ACTOR)
    assert report_fault(camera, "blurred", "", ACTOR).pk != fault.pk


def test_the_sign_names_what_the_register_lacks(sites: list[Site]) -> None:
    Site.objects.update(phone="031-123-4567", institution="고요시")
    with override("en"):
        page = text(browser(None), f"sites/{sites[0].pk}/sign/")
    assert "어린이보호" in page
    assert "031-123-4567" in page
    assert "Hours of filming" in page


def test_the_register_goes_out_as_it_comes_in(city: City, sites: list[Site]) -> None:
    from madang.systems.cameras.national import COLUMNS

    Site.objects.filter(pk=sites[0].pk).update(
        megapixels=2.0, kept_days=30, phone="=1+1", installed="2024-03-01"
    )
    lines = text(browser(None), "sites/national.csv").lstrip("\ufeff").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    first = dict(zip(COLUMNS, lines[1].split(","), strict=True))
    assert first["카메라화소수"] == "200"
    assert first["설치연월"] == "2024-03"
    assert first["관리기관전화번호"] == "'=1+1"
    assert first["소재지지번주소"] == ""
    assert float(first["WGS84경도"]) == pytest.approx(127.002)


def test_what_the_city_records_of_a_site_outlives_imports_and_their_undoing(
    city: City, person: MakePerson, tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(f"{COLUMNS}\nA-1,생활방범,2,127.01,37.265\n", "utf-8")
    assert bring_file(city, file).new == 1
    site = Site.objects.get()
    assert (site.basis, site.domain, site.hours) == ("", "", "")
    words = {"basis": "crime", "domain": "park", "hours": "24시간"}
    path = f"{PAGES}sites/{site.pk}/change/"
    assert browser(person("administrator")).post(path, words).status_code == 302

    again = bring_file(city, file)
    assert (again.new, again.changed, again.same) == (0, 0, 1)
    file.write_text(f"{COLUMNS}\nA-1,생활방범,3,127.01,37.265\n", "utf-8")
    changed = bring_file(city, file)
    assert changed.changed == 1
    assert Site.objects.filter(cameras=3, **words).exists()

    words["hours"] = "07:00–21:00"
    Site.objects.update(**words)
    undo(changed, ACTOR)
    assert Site.objects.filter(cameras=2, **words).exists()
