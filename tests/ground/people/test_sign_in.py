"""Signing in and out with a password, and what stops a guesser."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from madang.ground.people.domain.accounts import create_account, set_active, set_password
from madang.ground.people.models import Account
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db
ACTOR = Actor(name="test")
PASSWORD = "보리차 한 잔 주세요"
HASHERS = [  # of the installation; tests use a quick one
    "madang.ground.people.hashing.Argon2id",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]


@pytest.fixture
def account() -> Account:
    cache.clear()
    return create_account(ACTOR, "Kim@Example.org", "김마당", PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, email: str = "kim@example.org") -> Any:
    return client.post("/account/login/", {"login": email, "password": password})


def test_the_right_password_opens_the_account(client: Client, account: Account) -> None:
    assert sign_in(client).status_code == 302
    page = client.get("/account/")
    assert page.status_code == 200
    assert "김마당" in page.content.decode()
    assert Entry.objects.filter(action="people.signed_in", thing_id=str(account.pk)).exists()


def test_the_address_may_be_written_in_capitals(client: Client, account: Account) -> None:
    assert sign_in(client, email="KIM@example.ORG").status_code == 302


def test_a_wrong_password_does_not_and_the_trail_knows(client: Client, account: Account) -> None:
    page = sign_in(client, "wrong")
    assert page.status_code == 200
    entry = Entry.objects.get(action="people.sign_in_failed")
    assert entry.thing_id == str(account.pk)
    assert client.get("/account/").status_code == 302


def test_an_unknown_address_is_answered_alike(client: Client, account: Account) -> None:
    known = sign_in(client, "wrong").context["form"].errors
    unknown = sign_in(client, "wrong", "nobody@example.org").context["form"].errors
    assert known == unknown


def test_guessing_is_stopped_and_even_the_right_password_waits(
    client: Client, account: Account
) -> None:
    for _ in range(5):
        sign_in(client, "wrong")
    assert sign_in(Client()).status_code == 200
    assert client.get("/account/").status_code == 302


def test_an_account_that_is_off_cannot_sign_in(client: Client, account: Account) -> None:
    set_active(ACTOR, account, False)
    sign_in(client)
    assert client.get("/account/").status_code == 302


def test_a_new_password_ends_every_session(client: Client, account: Account) -> None:
    sign_in(client)
    set_password(ACTOR, account, "다른 아주 긴 비밀번호")
    assert client.get("/account/").status_code == 302


def test_signing_out_needs_a_form_of_ours(account: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(account)
    assert client.post("/account/logout/").status_code == 403
    client = Client()
    client.force_login(account)
    assert client.get("/account/logout/").status_code == 200
    assert client.post("/account/logout/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_the_session_before_is_not_the_session_after(client: Client, account: Account) -> None:
    """Nobody signs somebody in with a session they fixed before."""
    client.get("/account/login/")
    session = client.session
    session["mark"] = 1
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    sign_in(client)
    assert client.cookies["sessionid"].value != before


def test_nobody_is_led_to_another_site_after_signing_in(client: Client, account: Account) -> None:
    words = {"login": "kim@example.org", "password": PASSWORD, "next": "https://evil.example/"}
    answer = client.post("/account/login/", words)
    assert "evil" not in answer.headers["Location"]


def test_nobody_opens_an_account_uninvited(client: Client) -> None:
    words = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/account/signup/", words)
    assert not Account.objects.filter(email="new@example.org").exists()


def test_a_form_changes_only_what_it_shows(client: Client, account: Account) -> None:
    sign_in(client)
    words = {"name": "새 이름", "language": "en", "steward": "true", "is_active": "", "demo": "1"}
    client.post("/account/", words)
    account.refresh_from_db()
    assert (account.name, account.language) == ("새 이름", "en")
    assert account.is_active
    assert not account.steward
    assert not account.demo


@pytest.mark.parametrize(
    "path",
    [
        "2fa/",
        "2fa/webauthn/",
        "2fa/webauthn/add/",
        "2fa/totp/activate/",
        "sessions/",
        "password/change/",
        "email/",
        "logout/",
        "reauthenticate/",
    ],
)
def test_every_page_of_the_account_stands_in_our_shell(
    client: Client, account: Account, path: str
) -> None:
    sign_in(client)
    page = client.get(f"/account/{path}", follow=True).content.decode()
    assert 'class="page' in page
    assert "style=" not in page


@pytest.mark.parametrize("path", ["login/", "password/reset/", "signup/"])
def test_every_page_before_the_account_stands_in_our_shell(client: Client, path: str) -> None:
    page = client.get(f"/account/{path}").content.decode()
    assert 'class="page' in page
    assert "style=" not in page


def test_a_password_that_is_easy_to_guess_is_refused() -> None:
    from madang.ground.people.public import PeopleError

    for password in ("short", "1234567890", "password123", "lee@example.org"):
        with pytest.raises(PeopleError):
            create_account(ACTOR, "lee@example.org", "Lee", password)


def test_an_old_hash_is_made_anew_when_its_owner_signs_in(
    client: Client, account: Account, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = HASHERS
    account.password = make_password(PASSWORD, hasher="scrypt")
    account.save(update_fields=["password"])
    assert sign_in(client).status_code == 302
    account.refresh_from_db()
    assert account.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert client.get("/account/").status_code == 200  # the session lives on: the word is the same
    client.logout()
    assert sign_in(client).status_code == 302
