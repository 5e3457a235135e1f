"""One-time codes from beginning to end: set up, asked for, wrong, replaced by a recovery code, ended."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from fixtures.people import PASSWORD, MakePerson
from madang.ground.people.models import Account
from madang.ground.trail.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock_stands() -> Iterator[None]:
    """A code is good for its thirty seconds alone: on a slow machine they would end on its way."""
    with patch("time.time", return_value=time.time()):
        yield


@pytest.fixture
def officer(person: MakePerson) -> Account:
    cache.clear()
    account: Account = person("administrator", factor=False)
    return account


def code(secret: str, later: int = 0) -> str:
    """What the telephone shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def sign_in(client: Client, account: Account) -> Any:
    return client.post("/account/login/", {"login": account.email, "password": PASSWORD})


def set_up(client: Client) -> str:
    page = client.get("/account/2fa/totp/activate/")
    if page.status_code == 302:  # what opens the account's doors asks for the password once more
        client.post(page.headers["Location"], {"password": PASSWORD})
        page = client.get("/account/2fa/totp/activate/")
    assert page.status_code == 200, page.headers
    secret = str(page.context["form"].secret)
    assert client.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.post("/account/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    return secret


def acts(account: Account) -> list[str]:
    found = Entry.objects.filter(thing_id=str(account.pk)).order_by("time", "id")
    return [one for one in found.values_list("action", flat=True) if one != "people.role.given"]


def test_a_role_wakes_by_one_time_codes_and_they_are_asked_for(officer: Account) -> None:
    first = Client()
    assert sign_in(first, officer).status_code == 302
    assert first.get("/quiet/people/").status_code == 403
    secret = set_up(first)
    assert first.get("/quiet/people/").status_code == 200
    cache.clear()  # the codes of these thirty seconds were used

    other = Client()
    assert "/2fa/authenticate/" in sign_in(other, officer).headers["Location"]
    assert other.get("/quiet/people/").status_code == 302
    assert other.post("/account/2fa/authenticate/", {"code": "123456"}).status_code == 200
    assert other.get("/quiet/people/").status_code == 302
    other.post("/account/2fa/authenticate/", {"code": code(secret)})
    assert other.get("/quiet/people/").status_code == 200
    assert {"people.factor.added", "people.sign_in_failed", "people.signed_in"} <= set(
        acts(officer)
    )


def test_a_code_is_used_once_and_a_recovery_code_too(officer: Account) -> None:
    first = Client()
    sign_in(first, officer)
    secret = set_up(first)
    page = first.get("/account/2fa/recovery-codes/generate/")
    page = first.post("/account/2fa/recovery-codes/generate/", follow=True)
    spare = re.findall(r"\b[0-9a-f]{8}\b", page.content.decode().split("<main")[1])[0]
    kept = Authenticator.objects.get(user=officer, type="recovery_codes").data
    assert "seed" not in kept
    assert spare not in str(kept), "whoever reads the database knows no code"
    cache.clear()

    by_code, replayed = Client(), Client()
    for client in (by_code, replayed):
        sign_in(client, officer)
    used = code(secret)
    by_code.post("/account/2fa/authenticate/", {"code": used})
    assert by_code.get("/quiet/people/").status_code == 200
    replayed.post("/account/2fa/authenticate/", {"code": used})
    assert replayed.get("/quiet/people/").status_code == 302
    replayed.post("/account/2fa/authenticate/", {"code": kept["migrated_codes"][0]})
    assert replayed.get("/quiet/people/").status_code == 302, "the hash of a code is none"
    replayed.post("/account/2fa/authenticate/", {"code": spare})
    assert replayed.get("/quiet/people/").status_code == 200
    again = Client()
    sign_in(again, officer)
    again.post("/account/2fa/authenticate/", {"code": spare})
    assert again.get("/quiet/people/").status_code == 302


def test_guessing_codes_is_stopped(officer: Account) -> None:
    first = Client()
    sign_in(first, officer)
    secret = set_up(first)
    cache.clear()
    guesser = Client()
    sign_in(guesser, officer)
    for number in range(5):
        guesser.post("/account/2fa/authenticate/", {"code": f"{number:06}"})
    guesser.post("/account/2fa/authenticate/", {"code": code(secret)})
    assert guesser.get("/quiet/people/").status_code == 302


def test_ending_the_codes_puts_the_role_to_sleep_and_is_written_down(officer: Account) -> None:
    client = Client()
    sign_in(client, officer)
    set_up(client)
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert client.get("/quiet/people/").status_code == 403
    assert acts(officer)[-1] == "people.factor.removed"


def test_sessions_elsewhere_are_listed_and_ended(officer: Account) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, officer)
        assert client.get("/account/").status_code == 200
    assert here.get("/account/sessions/").content.decode().count("127.0.0.1") >= 2
    late = time.time() + 600
    with patch("time.time", return_value=late):  # who one is was said too long ago
        asked = here.post("/account/sessions/")
        assert "/account/reauthenticate/" in asked.headers["Location"]
        assert there.get("/account/").status_code == 200
        done = here.post(asked.headers["Location"], {"password": PASSWORD})
    assert done.status_code == 302
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert Entry.objects.filter(action="people.session.ended").count() == 1
