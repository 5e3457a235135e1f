"""Somebody is told once, on their pages and by letter, and what became of the letter is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.notify.domain.telling import KEPT, end_old, send_letter, tell
from madang.ground.notify.models import Notice
from madang.ground.people.models import Account
from madang.ground.privacy.domain.duties import open_breach
from madang.ground.privacy.telling import tell_of_terms
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db
PATH = "/quiet/people/emergency/"


@pytest.fixture(autouse=True)
def letters(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def officer(person: MakePerson) -> Account:
    account: Account = person("privacy_officer")
    return account


def told(officer: Account, city: City, once: str = "1") -> Notice:
    return tell(officer, city, "privacy.glass", once, PATH, {"who": "김관제"})


def page(account: Account, path: str = "/quiet/notices/") -> str:
    client = Client()
    client.force_login(account)
    return client.get(path).content.decode()


def test_the_same_is_told_once(officer: Account, city: City) -> None:
    assert told(officer, city) == told(officer, city)
    told(officer, city, "2")
    assert Notice.objects.count() == 2


def test_what_no_room_declares_is_refused(officer: Account, city: City) -> None:
    with pytest.raises(LookupError, match=r"privacy\.glas"):
        tell(officer, city, "privacy.glas", "1", PATH, {})


def test_it_is_counted_read_and_only_ones_own(
    officer: Account, city: City, person: MakePerson
) -> None:
    told(officer, city)
    client = Client()
    client.force_login(officer)
    with translation.override("ko"):
        assert "김관제" in page(officer)
    assert '<span class="count">1</span>' in page(officer)
    assert "김관제" not in page(person("administrator"))
    other = Client()
    other.force_login(person("operator"))
    other.post("/quiet/notices/read/")
    assert '<span class="count">1</span>' in page(officer)
    assert client.post("/quiet/notices/read/").status_code == 302
    assert 'class="count"' not in page(officer)


def test_a_letter_that_failed_is_tried_again_and_one_that_went_out_is_not(
    officer: Account, city: City, settings: Any
) -> None:
    notice = told(officer, city)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert not send_letter(notice, "subject", "text")
    notice.refresh_from_db()
    assert (notice.letter, notice.tries) == ("failed", 1)
    assert "Refused" in notice.failure
    with translation.override("en"):
        assert notice.words == "김관제 opened every camera in an emergency. Look into it."
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_letter(notice, "subject", "text")
    assert send_letter(notice, "subject", "text")
    assert [letter.to for letter in mail.outbox] == [[officer.email]]
    assert (notice.letter, notice.tries, notice.failure) == ("sent", 2, "")


def test_a_year_later_it_is_gone(officer: Account, city: City) -> None:
    told(officer, city)
    assert end_old(timezone.now()) == 0
    assert end_old(timezone.now() + KEPT + timedelta(days=1)) == 1


def test_terms_that_end_are_told_once_before_and_once_after(officer: Account, city: City) -> None:
    now = timezone.now()
    words = {"what": "대장이 잘못 발송됨", "persons": 3, "sensitive": False, "measures": ""}
    actor = Actor(account=officer.pk)
    open_breach(actor, officer, city, kind="leak", learned=now, **words)
    for hours, kinds in (
        (1, []),
        (49, ["privacy.breach.soon"]),
        (50, ["privacy.breach.soon"]),
        (73, ["privacy.breach.late", "privacy.breach.soon"]),
    ):
        tell_of_terms(now + timedelta(hours=hours))
        assert sorted(Notice.objects.values_list("kind", flat=True)) == kinds
