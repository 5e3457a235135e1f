"""The book of camera rights: what it keeps, and that it keeps nothing it is not sure of."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
from django.utils import timezone

from fixtures.database import TestDatabase
from madang.ground.city.models import City
from madang.ground.people.camera_rights import CameraFacts, CameraRights
from madang.ground.people.domain.accounts import create_account
from madang.ground.people.domain.grants import Incident, give_grant
from madang.ground.people.domain.memberships import give_role
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.people.models import Account, Grant
from madang.ground.people.rights_book import RightsBook
from madang.ground.trail.public import Actor

ACTOR = Actor(name="test")


def test_a_book_that_does_not_hear_reads_at_every_question() -> None:
    asked = []

    def read(account: UUID) -> CameraRights:
        asked.append(account)
        return CameraRights()

    book = RightsBook({}, read)  # never started: it is deaf
    seen = CameraFacts(uuid4(), uuid4(), "crime")
    for _ in range(3):
        assert book.by(UUID(int=1), seen, "view") is None
    assert len(asked) == 3


def test_what_was_read_while_the_bell_rang_is_not_kept() -> None:
    book: RightsBook

    def read(account: UUID) -> CameraRights:
        book._ring(str(account))  # somebody changes the rights in the middle of the reading
        return CameraRights()

    book = RightsBook({}, read)
    book._pulse = float("inf")  # it hears
    book.by(UUID(int=1), CameraFacts(uuid4(), uuid4(), "crime"), "view")
    assert book._known == {}


def somebody_with_a_grant() -> tuple[Account, Grant, CameraFacts]:
    from fixtures.people import add_factor

    city = City.objects.create(key="quiet", simulated=True)
    police = create_organisation(ACTOR, city, "police", "police", {"ko": "경찰서"})
    officer = create_account(ACTOR, "officer@example.org", "경찰관", "보리차 한 잔 더 주세요")
    add_factor(officer)
    give_role(ACTOR, officer, police, "seconded_police")
    seen = CameraFacts(uuid4(), city.pk, "crime")
    until = timezone.now() + timedelta(hours=1)
    grant = give_grant(ACTOR, police, Incident(uuid4(), "1"), [seen.id], until, "현장 확인")
    return officer, grant, seen


def test_the_book_hears_of_a_revocation_at_once(django_database: TestDatabase) -> None:
    """Whoever revokes, and from whatever process: the next question is answered by what is true."""
    officer, grant, seen = somebody_with_a_grant()
    book = RightsBook({"conninfo": django_database.app_url})
    book.start()
    try:
        _wait(lambda: book.hears)
        assert book.by(officer.pk, seen, "view") == f"grant:{grant.pk}"
        with psycopg.connect(django_database.app_url) as elsewhere:
            elsewhere.execute("UPDATE people_grant SET revoked = now()")
        _wait(lambda: book.by(officer.pk, seen, "view") is None)
    finally:
        book.stop()


def _wait(true: object, patience: float = 10) -> None:
    end = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        threading.Event().wait(0.01)
