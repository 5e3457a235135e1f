"""OGC API – Features as its abstract tests (part 1, core) ask for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from fixtures.people import add_factor
from madang.ground.city.models import City, Place
from madang.ground.city.public import Record, Source, make_city, write
from madang.ground.people.models import Account

from .bringing import ACTOR, new_city

pytestmark = pytest.mark.django_db
BASE = "/api/v1/cities/yard/ogc/"
ITEMS = "collections/places/items"


@pytest.fixture
def city() -> City:
    from shapely import Point

    city = new_city()
    rows = [
        Record(Place, str(n), {"kind": "school", "name": f"{n}"}, Point(127 + n / 100, 37.27))
        for n in range(5)
    ]
    write(city, Source("made", {}), rows, ACTOR)
    return city


def get(path: str) -> Any:
    return Client(headers={"accept-language": "en"}).get(BASE + path)


def test_every_link_leads_to_what_it_says(city: City) -> None:
    """/req/core/root-success, fc-md-success, sfc-md-success, fc-links, f-links"""
    seen: set[str] = set()
    todo = [BASE]
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = Client().get(path)
        assert answer.status_code == 200, path
        if not answer["Content-Type"].startswith(("application/json", "application/geo+json")):
            continue
        body = answer.json()
        parts = [body, *body.get("collections", []), *body.get("features", [])[:1]]
        for link in (link for part in parts for link in part.get("links", [])):
            there = link["href"].removeprefix("http://testserver")
            if link["rel"] != "service-desc":
                assert link["type"] in Client().get(there)["Content-Type"], link
            if there not in seen and there.startswith(BASE):
                todo.append(there)
    assert f"{BASE}{ITEMS}" in {urlsplit(each).path for each in seen}


@pytest.mark.parametrize(
    "path",
    [
        "?who=me",
        "conformance?who=me",
        "collections?f=html",
        "collections/places?f=html",
        f"{ITEMS}?unknown=1",
        f"{ITEMS}?limit=0",
        f"{ITEMS}?limit=ten",
        f"{ITEMS}?limit=-3",
        f"{ITEMS}?offset=-1",
        f"{ITEMS}?bbox=1,2,3",
        f"{ITEMS}?bbox=a,b,c,d",
        f"{ITEMS}?bbox=127,39,128,37",
        f"{ITEMS}?bbox=nan,37,128,38",
        f"{ITEMS}?datetime=yesterday",
        f"{ITEMS}?datetime=../..",
        f"{ITEMS}?datetime=2026-01-01/2026-02-01/2026-03-01",
    ],
)
def test_parameters_that_are_unknown_or_cannot_be_taken(city: City, path: str) -> None:
    """/req/core/query-param-unknown, query-param-invalid: 400"""
    answer = get(path)
    assert answer.status_code == 400, answer.content.decode()
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "matched"),
    [
        (f"{ITEMS}?limit=1000000", 5),
        (f"{ITEMS}?bbox=126.99,37,127.015,38", 2),
        (f"{ITEMS}?bbox=126.99,37,0,127.015,38,100", 2),
        (f"{ITEMS}?bbox=177,-50,-177,50", 0),
        (f"{ITEMS}?bbox=127.025,-50,-177,50", 2),
        (f"{ITEMS}?kind=school,hospital", 5),
        (f"{ITEMS}?kind=hospital", 0),
        (f"{ITEMS}?datetime=2026-01-01", 5),
        (f"{ITEMS}?datetime=2018-02-12T00:00:00Z/..", 5),
        (f"{ITEMS}?datetime=/2018-03-18T12:31:12Z", 5),
    ],
)
def test_parameters_that_narrow(city: City, path: str, matched: int) -> None:
    """/req/core/fc-bbox-response, fc-limit-response, fc-time-response"""
    answer = get(path)
    assert answer.status_code == 200, answer.content.decode()
    body = answer.json()
    assert (body["numberMatched"], body["numberReturned"]) == (matched, matched)
    assert body["timeStamp"].endswith("Z")


def test_what_is_not_there_is_not_found(city: City) -> None:
    for path in ("collections/devices", "collections/nothing/items", f"{ITEMS}/nobody"):
        assert get(path).status_code == 404, path
    assert get(f"{ITEMS}/00000000-0000-7000-8000-000000000000").status_code == 404
    make_city("other", {"ko": "다른"}, ACTOR)
    own = Place.objects.first()
    assert own is not None
    there = f"/api/v1/cities/other/ogc/{ITEMS}/{own.id}"
    assert Client().get(there).status_code == 404


def test_it_claims_no_class_that_it_is_not_of(city: City) -> None:
    """The API is described in OpenAPI 3.1, so that oas30 would not be true."""
    assert Client().get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
    claimed = get("conformance").json()["conformsTo"]
    assert [each.rsplit("/", 1)[1] for each in claimed] == ["core", "geojson"]


def test_the_description_has_every_parameter(city: City) -> None:
    described = Client().get("/api/v1/openapi.json").json()["paths"]
    operation = described["/api/v1/cities/{city}/ogc/collections/{collection}/items"]["get"]
    named = {each["name"]: each["schema"] for each in operation["parameters"]}
    assert {"bbox", "limit", "offset", "datetime", "kind", "rank", "level", "purpose"} < set(named)
    assert (named["limit"]["type"], named["limit"]["maximum"]) == ("integer", 10_000)


def test_every_layer_is_to_be_had_in_every_form(city: City) -> None:
    account = Account.objects.create_user("a@example.org", "password", name="A", steward=True)
    add_factor(account)
    client = Client()
    client.force_login(account)
    listed = client.get("/api/v1/cities/yard/layers").json()
    assert {"districts", "roads", "places", "cameras"} <= {each["key"] for each in listed}
    for each in listed:
        for form in ("geojson", "csv", "tiles"):
            answer = client.get(each[form])
            assert answer.status_code == 200, each[form]
            if form != "tiles":
                assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        tile = each["tiles"].removesuffix(".json") + "/10/873/397.mvt"
        assert client.get(tile).status_code in (200, 204), tile
        public = client.get(f"{BASE}collections/{each['key']}/items").status_code
        assert public == (200 if each["access"] == "public" else 404), each["key"]
