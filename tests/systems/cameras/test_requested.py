"""Footage that requests ask for is kept by itself: of the cameras that are meant, as long as it is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.city.models import City, Place
from madang.ground.city.public import Record, Source, write
from madang.ground.privacy.domain.footage import Answer, decide_request, open_request
from madang.ground.privacy.models import FootageRequest
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain import footage
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.domain.requested import cameras_meant, keep_requested
from madang.systems.cameras.models import Camera, FootageLock

ACTOR = Actor(name="test")
pytestmark = pytest.mark.django_db


@pytest.fixture
def cameras(city: City) -> list[Camera]:
    """One camera each at 시장길 1 and, two hundred metres to the east, 역전로 7."""
    sites = make_sites(
        city,
        ("경기도 고요시 시장길 1", "crime", 127.004),
        ("경기도 고요시 역전로 7", "crime", 127.0063),
    )
    record_cameras(city, [CameraSpec(one, 1) for one in sites], ACTOR)
    return list(Camera.objects.order_by("key"))


def asked(city: City, place: str, **words: object) -> FootageRequest:
    begins = datetime.now(UTC) - timedelta(days=29)
    span = {"begins": begins, "ends": begins + timedelta(hours=1)}
    return open_request(ACTOR, city, name="김하나", contact="", place=place, **span, **words)


def test_who_asks_names_a_camera_an_address_or_a_place(city: City, cameras: list[Camera]) -> None:
    from shapely import Point

    market, station = cameras
    places = [
        Record(
            Place,
            "1",
            {"kind": "school", "name": "역전초등학교", "details": {}},
            Point(127.0062, 37.265),
        )
    ]
    write(city, Source("places", {"ko": "장소"}), places, ACTOR)

    def meant(place: str) -> list[Camera]:
        return cameras_meant(city, place)

    assert meant(f"안내판 {station.key}, 정문 앞") == [station]
    assert meant("시장길 1") == [market]
    assert meant("역전초등학교 정문 앞 골목") == [station]
    assert meant("어딘지 모름") == []


def test_footage_is_kept_while_a_request_waits_and_a_while_beyond_its_answer(
    city: City, cameras: list[Camera], person: MakePerson, client: Client
) -> None:
    market, _station = cameras
    request = asked(city, "시장길 1")
    assert keep_requested(city) == 1
    assert keep_requested(city) == 0
    held = FootageLock.objects.get()
    assert (held.camera, held.request, held.by) == (market, request.pk, None)
    assert (held.begins, held.ends) == (request.begins, request.ends)
    assert held.until > datetime.now(UTC) + timedelta(days=10)
    assert list(footage.locks_of(market.pk)) == [held]
    assert Entry.objects.filter(action="cameras.footage_locked").count() == 1

    officer = person("footage_officer")
    client.force_login(officer)
    page = client.get(f"/{city.key}/privacy/requests/{request.pk}/").content.decode()
    assert market.key in page
    decide_request(Actor(account=officer.pk), request, Answer("refused", "찾을 수 없음"))
    keep_requested(city)
    held.refresh_from_db()
    assert timedelta(days=9) < held.until - datetime.now(UTC) < timedelta(days=11)


def test_what_is_to_be_deleted_or_was_released_by_hand_is_not_kept(
    city: City, cameras: list[Camera], person: MakePerson
) -> None:
    officer = person("footage_officer")
    deleted = asked(city, "시장길 1", asks="delete")
    other = asked(city, "역전로 7")
    assert keep_requested(city) == 2
    decide_request(Actor(account=officer.pk), deleted, Answer("given"))
    footage.release(FootageLock.objects.get(request=other.pk), Actor(account=officer.pk))
    assert keep_requested(city) == 0
    assert not FootageLock.objects.filter(released=None).exists()
