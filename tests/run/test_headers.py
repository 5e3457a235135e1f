"""What every answer says to the browser, and to nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from fixtures.people import MakePerson
from madang.run.django_settings import allowed_hosts, mail, names_of_cookies

pytestmark = pytest.mark.django_db
PATHS = (
    "/",
    "/account/login/",
    "/quiet/",
    "/quiet/people/",
    "/api/v1/openapi.json",
    "/no/such/page",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_its_headers(path: str, person: MakePerson) -> None:
    client = Client()
    client.force_login(person("administrator"))
    answer = client.get(path, secure=True)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "worker-src 'self'" in policy  # MapLibre's worker is a file of ours
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe-|\*|https?:", policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "private" in Client().get(path, secure=True).headers["Cache-Control"]


def test_a_session_is_kept_from_scripts_and_other_sites(client: Client, person: MakePerson) -> None:
    from fixtures.people import PASSWORD

    account = person("", factor=False)
    answer = client.post("/account/login/", {"login": account.email, "password": PASSWORD})
    cookie: Any = answer.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "Strict-Transport-Security" not in answer.headers  # only over TLS


def test_a_city_with_an_address_answers_to_no_other(settings: Any, client: Client) -> None:
    settings.ALLOWED_HOSTS = allowed_hosts("https://madang.example")
    assert client.get("/account/login/", HTTP_HOST="madang.example").status_code == 200
    assert client.get("/account/login/", HTTP_HOST="localhost:8000").status_code == 200
    assert client.get("/account/login/", HTTP_HOST="evil.example").status_code == 400


def test_letters_go_where_they_are_told_and_a_password_only_over_tls() -> None:
    told = mail("smtp://a%40b:p%2Fw@mail.example")
    assert (told["EMAIL_HOST_USER"], told["EMAIL_HOST_PASSWORD"]) == ("a@b", "p/w")
    assert (told["EMAIL_PORT"], told["EMAIL_USE_TLS"], told["EMAIL_USE_SSL"]) == (587, True, False)
    assert mail("smtps://mail.example")["EMAIL_PORT"] == 465
    assert mail(None)["EMAIL_BACKEND"].endswith("filebased.EmailBackend")


def test_cookies_of_a_city_with_tls_are_bound_to_it() -> None:
    assert all(name.startswith("__Host-") for name in names_of_cookies(True))
    assert names_of_cookies(False)[:2] == ("sessionid", "csrftoken")


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "BREW"])
def test_a_method_that_nobody_needs_is_refused(client: Client, method: str) -> None:
    answer = client.generic(method, "/account/login/")
    assert answer.status_code == 405
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
