"""Signing in at the city's own provider, against a real one on loopback."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import cache
from django.test import Client
from joserfc.jwk import RSAKey

from fixtures.openid import CLIENT, SECRET, Provider
from fixtures.people import add_factor
from madang.ground.people.domain.accounts import create_account, set_active
from madang.ground.people.models import Account
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.run.django_settings import openid_providers

pytestmark = pytest.mark.django_db
ACTOR = Actor(name="test")


@pytest.fixture(autouse=True)
def configured(openid: Provider, settings: Any) -> None:
    cache.clear()
    settings.SOCIALACCOUNT_PROVIDERS = openid_providers(openid.url, CLIENT, SECRET, "시 통합인증")


@pytest.fixture
def kim() -> Account:
    return create_account(ACTOR, "kim@example.org", "김마당", "보리차 한 잔 주세요")


def start(client: Client) -> str:
    """Where the button of the sign-in page leads: an address of the provider."""
    answer = client.post("/account/oidc/city/login/")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def come_back(client: Client) -> Any:
    """The way through the provider and back, as a browser goes it."""
    consent = requests.get(start(client), allow_redirects=False, timeout=10)
    assert consent.status_code == 302, consent.text
    return client.get(consent.headers["Location"])


def test_the_sign_in_page_offers_it(client: Client) -> None:
    assert "시 통합인증" in client.get("/account/login/").content.decode()


def test_who_the_provider_knows_is_signed_in(
    client: Client, openid: Provider, kim: Account
) -> None:
    openid.is_("kim@example.org")
    assert come_back(client).headers["Location"] == "/"
    assert "김마당" in client.get("/account/").content.decode()
    assert Entry.objects.filter(action="people.signed_in", thing_id=str(kim.pk)).exists()
    client.logout()
    assert come_back(client).status_code == 302  # and again, now that the two are linked
    assert client.get("/account/").status_code == 200


def test_nobody_gets_an_account_by_it(client: Client, openid: Provider) -> None:
    openid.is_("stranger@example.org")
    come_back(client)
    assert not Account.objects.exists()
    assert client.get("/account/").status_code == 302


def test_an_address_the_provider_did_not_verify_opens_nothing(
    client: Client, openid: Provider, kim: Account
) -> None:
    openid.is_("kim@example.org", verified=False)
    come_back(client)
    assert client.get("/account/").status_code == 302


def test_an_account_that_is_off_stays_off(client: Client, openid: Provider, kim: Account) -> None:
    set_active(ACTOR, kim, False)
    openid.is_("kim@example.org")
    come_back(client)
    assert client.get("/account/").status_code == 302


def test_the_second_factor_is_asked_for_here_too(
    client: Client, openid: Provider, kim: Account
) -> None:
    add_factor(kim)
    openid.is_("kim@example.org")
    assert "/account/2fa/authenticate/" in come_back(client).headers["Location"]
    assert client.get("/account/").status_code == 302


def test_an_answer_that_nobody_asked_for_signs_nobody_in(
    client: Client, openid: Provider, kim: Account
) -> None:
    """Login CSRF: the state is bound to the session that began."""
    openid.is_("kim@example.org")
    consent = requests.get(start(client), allow_redirects=False, timeout=10)
    other = Client()
    other.get(consent.headers["Location"])
    assert other.get("/account/").status_code == 302
    assert client.get(consent.headers["Location"]).status_code == 302
    replay = Client()
    replay.get(consent.headers["Location"])
    assert replay.get("/account/").status_code == 302


def test_a_token_of_another_issuer_is_refused(
    client: Client, openid: Provider, kim: Account
) -> None:
    openid.is_("kim@example.org")
    openid.issuer = "https://evil.example"
    come_back(client)
    assert client.get("/account/").status_code == 302


def test_a_token_signed_by_a_stranger_is_refused(
    client: Client, openid: Provider, kim: Account
) -> None:
    openid.is_("kim@example.org")
    openid.signing = RSAKey.generate_key(2048, {"kid": "1"})
    come_back(client)
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("cheat", [{"published": "https://evil.example"}, {"moved": True}])
def test_a_provider_that_is_another_one_or_leads_elsewhere_is_left(
    client: Client, openid: Provider, cheat: dict[str, Any]
) -> None:
    for name, value in cheat.items():
        setattr(openid, name, value)
    assert client.post("/account/oidc/city/login/").status_code == 503


def test_the_way_there_carries_a_challenge(client: Client) -> None:
    words = parse_qs(urlsplit(start(client)).query)
    assert words["code_challenge_method"] == ["S256"]
    assert words["state"]
    assert client.get("/account/oidc/city/login/").status_code == 200  # a click, never a mere link


def test_a_provider_that_does_not_answer_is_no_error_of_ours(client: Client, settings: Any) -> None:
    gone = openid_providers("http://127.0.0.1:9", CLIENT, SECRET, "x")
    settings.SOCIALACCOUNT_PROVIDERS = gone
    answer = client.post("/account/oidc/city/login/")
    assert answer.status_code == 503
    assert 'class="page' in answer.content.decode()
