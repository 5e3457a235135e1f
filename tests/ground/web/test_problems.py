"""Every error of the API says what is wrong, where, and what to do (RFC 9457)."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from madang.ground.city.models import City


def problem(client: Client, path: str, method: str = "get") -> dict[str, Any]:
    response = getattr(client, method)(path)
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    assert body["remedy"]
    assert body["instance"] == path
    return body


def test_an_unknown_thing(client: Client, suwon: City) -> None:
    body = problem(client, "/api/v1/cities/seoul")
    assert body["status"] == 404
    assert body["type"] == "/api/problems/not-found"
    assert "seoul" in body["detail"]


def test_an_unknown_address(client: Client, db: None) -> None:
    assert problem(client, "/api/v1/nothing")["status"] == 404


def test_a_method_that_is_not_offered(client: Client, suwon: City) -> None:
    response = client.delete("/api/v1/cities/suwon")
    assert response.status_code == 405
    assert response["Allow"] == "GET"
    assert problem(client, "/api/v1/cities/suwon", "delete")["type"].endswith("method-not-allowed")


def test_text_that_cannot_be_kept(client: Client, suwon: City) -> None:
    said = {"state": {"panes": {"8\0": 1}}}
    response = client.put(
        "/api/v1/cities/suwon/console/boards/green", said, content_type="application/json"
    )
    assert response.status_code == 422
    assert [fault["where"] for fault in response.json()["errors"]] == ["/state/panes"]
    body = problem(client, "/api/v1/cities/suwon/console/search?q=a%00")
    assert (body["status"], body["errors"][0]["where"]) == (422, "query q")
    assert client.get("/suwon/data/?q=a%00").status_code == 400


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "query limit"),
        ("limit=abc", "query limit"),
        ("limit=1001", "query limit"),
        ("cursor=%21", "query cursor"),
        ("cursor=WyJhIiwiYiJd", "query cursor"),
        ("cursor=WyJub3QgYW4gaWQiXQ", "query cursor"),
        ("cursor=W251bGxd", "query cursor"),
        ("cursor=W3t9XQ", "query cursor"),
    ],
)
def test_values_that_cannot_be_taken(client: Client, suwon: City, query: str, where: str) -> None:
    body = problem(client, f"/api/v1/cities?{query}")
    assert body["status"] == 422
    assert [fault["where"] for fault in body["errors"]] == [where]


def test_pages_of_a_list_hold_every_row_once(client: Client, db: None) -> None:
    made = {City.objects.create(key=f"city-{n}", names={"ko": f"{n}"}).key for n in range(7)}
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        body = client.get("/api/v1/cities", {"limit": 3, "cursor": cursor}).json()
        seen += [city["key"] for city in body["items"]]
        cursor = body["next"]
    assert len(seen) == 7
    assert set(seen) == made


def test_a_database_that_is_away_is_said(
    client: Client, suwon: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> list[City]:
        raise OperationalError("the connection pool timed out")

    monkeypatch.setattr("madang.ground.city.web.middleware._all_cities", away)
    client.raise_request_exception = False
    page = client.get("/suwon/", headers={"accept-language": "en"})
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert "The database does not answer right now" in page.content.decode()
    assert problem(client, "/api/v1/cities/suwon")["type"] == "/api/problems/unavailable"
