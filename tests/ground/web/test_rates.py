"""One client does not take the API from the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from madang.ground.web.rates import CLIENTS_OF_AN_ADDRESS, SECONDS_AT_ONCE, Buckets

pytestmark = pytest.mark.django_db
PATH = "/api/v1/cities"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_what_was_saved_up_and_then_what_comes_in() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    assert [buckets.wait("a", 2) for _ in range(2 * SECONDS_AT_ONCE)] == [0] * 2 * SECONDS_AT_ONCE
    assert buckets.wait("a", 2) == 0.5
    assert buckets.wait("b", 2) == 0
    clock.now += 0.5
    assert buckets.wait("a", 2) == 0
    assert buckets.wait("a", 2) == 0.5


def test_too_many_questions_are_answered_429_with_when_to_come_again(settings: Any) -> None:
    settings.API_RATE = 0.1  # two at once
    client = Client(REMOTE_ADDR="10.9.0.1")
    assert [client.get(PATH).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get(PATH)
    assert int(refused.headers["Retry-After"]) in range(1, 11)
    assert refused.json()["type"].endswith("/too-many")
    assert Client(REMOTE_ADDR="10.9.0.2").get(PATH).status_code == 200
    assert client.get("/account/login/").status_code == 200  # a page is no question to the API


def test_cookies_that_are_made_up_do_not_help_for_long(settings: Any) -> None:
    settings.API_RATE = 0.1
    client = Client(REMOTE_ADDR="10.9.0.3")
    found = []
    for number in range(2 * CLIENTS_OF_AN_ADDRESS + 1):
        client.cookies["sessionid"] = f"invented{number}"
        found.append(client.get(PATH).status_code)
    assert found == [200] * 2 * CLIENTS_OF_AN_ADDRESS + [429]
