"""The policy on cameras: for everybody, from the register as it is, in the city's own words by version."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.people.domain.grants import give_scope
from madang.ground.people.models import Membership
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras import policy
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.domain.policy import WORDS, change_policy
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Policy, Site

pytestmark = pytest.mark.django_db
ACTOR = Actor(name="test")
PATH = "/quiet/cameras/policy/"
SAID = dict.fromkeys(WORDS, "")


def page(language: str = "en", **query: Any) -> str:
    answer = Client(headers={"Accept-Language": language}).get(PATH, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def sites(city: City) -> list[Site]:
    found = make_sites(
        city,
        ("경기도 고요시 학교길 1", "school-zone", 127.002),
        ("경기도 고요시 시장길 9", "crime", 127.014),
    )
    Site.objects.filter(pk=found[0].pk).update(
        cameras=3, kept_days=30, hours="24시간", basis="crime", direction="정문"
    )
    return list(Site.objects.filter(city=city).order_by("key"))


def test_an_empty_city_has_a_policy_that_says_what_is_not_recorded(city: City) -> None:
    shown = page()
    assert [f"{item}. " in shown for item in range(1, 9)] == [True] * 8
    assert shown.count("not recorded") >= 7
    assert "영상정보처리기기" in page("ko")
    assert "カメラ" in page("ja")


def test_terms_are_the_registers_and_a_cameras_own_goes_before_its_sites(
    city: City, sites: list[Site]
) -> None:
    record_cameras(city, [CameraSpec(sites[0], 1)], ACTOR)
    Camera.objects.filter(city=city).update(kept_days=15)
    found = policy.read(city, "ko")
    assert [(one.value, one.cameras) for one in found.kept] == [(30, 2), (15, 1), (None, 1)]
    assert [(one.value, one.cameras) for one in found.hours] == [("24시간", 3), (None, 1)]
    assert [(one.purpose, one.basis is None) for one in found.uses] == [
        ("school-zone", False),
        ("crime", True),
    ]
    assert (found.sites, found.cameras, found.looking) == (2, 4, 1)


def test_who_may_see_pictures_is_told_by_position_and_not_by_name(
    city: City, person: MakePerson
) -> None:
    watcher = person("operator")
    assert policy.read(city, "ko").users == []
    give_scope(ACTOR, Membership.objects.get(account=watcher), ["view"])
    found = page()
    assert "Operator 1 person" in found
    assert watcher.name not in found
    watcher.is_active = False
    watcher.save()
    assert policy.read(city, "ko").users == []


def test_words_are_changed_by_who_has_the_right_and_older_ones_stay_readable(
    city: City, person: MakePerson
) -> None:
    officer = Client(headers={"Accept-Language": "en"})
    officer.force_login(person("privacy_officer"))
    change = PATH + "change/"
    assert officer.post(change, {"seen": 0, "responsible": "안전정책과장"}).status_code == 302
    assert officer.post(change, {"seen": 1, "responsible": "도시안전과장"}).status_code == 302
    assert officer.post(change, {"seen": 1, "responsible": "누구"}).status_code == 422
    assert "도시안전과장" in page()
    assert "안전정책과장" in page(version=1)
    assert Client().get(PATH, {"version": "9"}).status_code == 404
    assert Entry.objects.filter(action="cameras.policy_changed").count() == 2
    operator = Client()
    operator.force_login(person("operator"))
    assert operator.post(change, {"seen": 2, "responsible": "나"}).status_code == 403


def test_saying_the_same_again_writes_nothing_and_the_database_changes_no_version(
    city: City,
) -> None:
    made = change_policy(city, ACTOR, 0, **{**SAID, "phone": "031-000-0000"})
    assert change_policy(city, ACTOR, 1, **{**SAID, "phone": "031-000-0000"}) == made
    with pytest.raises(CameraError):
        change_policy(city, ACTOR, 0, **SAID)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cameras_policy SET phone = '1' WHERE id = %s", [made.pk])
    assert Policy.objects.get().phone == "031-000-0000"
