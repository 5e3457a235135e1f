"""The console's API: what is found, what is kept, what a visitor never sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from madang.ground.cases.domain.handling import close
from madang.ground.cases.domain.raising import Cause, Finding, raise_alarm
from madang.ground.cases.models import Outcome
from madang.ground.city.models import City
from madang.ground.console.models import Board, SavedView
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.people.models import Account
from madang.ground.people.public import give_role
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.ground.web import console
from madang.ground.web.console import (
    Asking,
    Contribution,
    Fact,
    Hit,
    Inspector,
    Nearby,
    SearchProvider,
    Section,
    Thing,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/cities/quiet/console"
VIEW = {
    "panes": [{"lon": 127.0, "lat": 37.27, "zoom": 12.5}],
    "layers": ["roads"],
    "hidden": {"cameras": ["crime"]},
    "past": {"at": "2026-11-22T01:00:00Z", "speed": 4},
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_entries", {})


@pytest.fixture
def city() -> City:
    return City.objects.create(
        key="quiet", simulated=True, west=126.9, south=37.2, east=127.1, north=37.3
    )


@pytest.fixture
def operator(city: City) -> Client:
    return signed_in(city, "operator")


def signed_in(city: City, role: str, email: str = "one@quiet.example") -> Client:
    account = Account.objects.create_user(email, name="One", demo=True)
    key = f"hall-{role.replace('_', '-')}"
    hall = create_organisation(Actor(name="test"), city, key, "city", {"ko": "시청"})
    give_role(Actor(name="test"), account, hall, role)
    client = Client()
    client.force_login(account)
    return client


def provide(**words: Any) -> None:
    def find(asking: Asking, typed: Any, limit: int) -> list[Hit]:
        return [Hit("place", "1", "수원역", rank=typed.rank("수원역"), lon=127.0, lat=37.26)]

    console.register(SearchProvider("places", "Places", find, **words))


def test_hits_come_with_the_systems_that_failed(city: City, client: Client) -> None:
    def broken(*words: Any) -> list[Hit]:
        raise RuntimeError("no table")

    provide()
    console.register(SearchProvider("broken", "Broken", broken))
    answer = client.get(f"{API}/search", {"q": "수원"}).json()
    assert [hit["title"] for hit in answer["hits"]] == ["수원역"]
    assert answer["failed"] == ["Broken"]


def test_coordinates_come_first(city: City, client: Client) -> None:
    provide()
    hits = client.get(f"{API}/search", {"q": "37.26, 127.01"}).json()["hits"]
    assert (hits[0]["kind"], hits[0]["lon"], hits[0]["lat"]) == ("point", 127.01, 37.26)


def test_a_visitor_is_not_shown_what_needs_a_right_nor_a_screen_for_guests(
    city: City, client: Client, operator: Client
) -> None:
    provide(permission="console.follow")
    assert client.get(f"{API}/search", {"q": "수원"}).json()["hits"] == []
    assert len(operator.get(f"{API}/search", {"q": "수원"}).json()["hits"]) == 1
    assert operator.get(f"{API}/search", {"q": "수원", "guest": True}).json()["hits"] == []


def test_a_thing_is_told_by_its_system_and_by_the_others(city: City, client: Client) -> None:
    def describe(asking: Asking, kind: str, pk: str) -> Thing | None:
        return Thing(kind, pk, "Pole", facts=(Fact("Lens", None),)) if pk == "7/a" else None

    console.register(
        Inspector(("camera",), describe),
        Contribution("streets", lambda a, t: [Section("Street", (Fact("Name", "정조로"),))]),
        Contribution("hidden", lambda a, t: [Section("Secret")], permission="console.follow"),
    )
    thing = client.get(f"{API}/things/camera/7/a").json()
    assert thing["facts"] == [
        {"title": "Lens", "text": None, "time": None, "measure": None, "link": ""}
    ]
    assert [section["title"] for section in thing["sections"]] == ["Street"]
    assert client.get(f"{API}/things/camera/8").status_code == 404
    assert client.get(f"{API}/things/tree/7/a").status_code == 404


def test_what_is_near_comes_by_system(city: City, client: Client) -> None:
    def find(asking: Asking, x: float, y: float, metres: float, limit: int) -> list[Hit]:
        return [Hit("camera", str(i), "c", metres=float(i)) for i in range(9)]

    console.register(Nearby("cameras", "Cameras", find), Nearby("none", "None", lambda *words: []))
    groups = client.get(f"{API}/near", {"lon": 127, "lat": 37.27, "limit": 3}).json()
    assert [(group["key"], len(group["hits"])) for group in groups] == [("cameras", 3)]
    assert client.get(f"{API}/near", {"lon": 500, "lat": 37}).status_code == 422


def test_views_are_a_persons_own(city: City, operator: Client) -> None:
    saved = put(operator, "views", {"name": "Night", "state": VIEW})
    assert saved.status_code == 200
    assert (
        put(operator, "views", {"name": "Night", "state": VIEW}).json()["id"] == saved.json()["id"]
    )
    other = signed_in(city, "planner", "two@quiet.example")
    assert other.get(f"{API}/views").json() == []
    assert other.delete(f"{API}/views/{saved.json()['id']}").status_code == 404
    assert [one["name"] for one in operator.get(f"{API}/views").json()] == ["Night"]
    assert operator.delete(f"{API}/views/{saved.json()['id']}").status_code == 204
    assert not SavedView.objects.exists()


def test_a_view_that_is_none_is_refused(city: City, operator: Client) -> None:
    for wrong in (
        {**VIEW, "panes": []},
        {**VIEW, "panes": VIEW["panes"] * 5},  # type: ignore[operator]
        {**VIEW, "script": "x"},
        {**VIEW, "panes": [{"lon": 127, "lat": 97, "zoom": 3}]},
        {**VIEW, "layers": ["x" * 101]},
    ):
        assert put(operator, "views", {"name": "x", "state": wrong}).status_code == 422
    assert put(operator, "views", {"name": "  ", "state": VIEW}).status_code == 422


def test_bookmarks_are_kept_and_let_go(city: City, operator: Client) -> None:
    mark = {"name": "Bridge", "lon": 127.0, "lat": 37.2, "zoom": 16}
    made = put(operator, "bookmarks", mark).json()
    assert operator.get(f"{API}/bookmarks").json()[0]["name"] == "Bridge"
    assert operator.delete(f"{API}/bookmarks/{made['id']}").status_code == 204


def test_what_is_kept_gets_another_name_that_is_free(city: City, operator: Client) -> None:
    mark = {"lon": 127.0, "lat": 37.2, "zoom": 16}
    first = put(operator, "bookmarks", {"name": "Bridge", **mark}).json()
    put(operator, "bookmarks", {"name": "Tunnel", **mark})

    def rename(person: Client, name: str) -> int:
        address = f"{API}/bookmarks/{first['id']}"
        return person.patch(address, {"name": name}, content_type="application/json").status_code

    assert rename(operator, " East bridge ") == 200
    assert rename(operator, "Tunnel") == 409
    assert rename(operator, " ") == 422
    assert rename(signed_in(city, "shift_leader", "two@quiet.example"), "Mine") == 404
    names = [one["name"] for one in operator.get(f"{API}/bookmarks").json()]
    assert names == ["East bridge", "Tunnel"]


def test_a_board_shows_what_was_pushed_last_and_the_trail_keeps_it(
    city: City, operator: Client
) -> None:
    assert operator.get(f"{API}/boards/wall").json()["version"] == 0
    for title in ("Flood", "Fire"):
        assert put(operator, "boards/wall", {"title": title, "state": VIEW}).status_code == 200
    board = operator.get(f"{API}/boards/wall").json()
    assert (board["version"], board["title"], board["pushed_by_name"]) == (2, "Fire", "One")
    assert board["state"]["panes"][0]["zoom"] == 12.5
    assert Entry.objects.filter(action="console.push").count() == 2


def test_boards_are_for_the_centre(city: City, client: Client) -> None:
    planner = signed_in(city, "planner")
    assert client.get(f"{API}/boards/wall").status_code == 401
    assert planner.get(f"{API}/boards/wall").status_code == 403
    assert put(planner, "boards/wall", {"state": VIEW}).status_code == 403
    assert client.get(f"{API}/views").status_code == 401
    assert not Board.objects.exists()


def put(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.put(f"{API}/{path}", body, content_type="application/json")


def test_alarms_of_the_past_come_with_the_times_between_which_they_stood(
    city: City, operator: Client
) -> None:
    actor = Actor(name="One", account=Account.objects.get().pk)
    waits, over = (
        raise_alarm(actor, city.pk, Cause("underpass_flooded", one), Finding(timezone.now(), one))
        for one in ("waits", "over")
    )
    between = timezone.now()
    closed = close(actor, city.pk, over.pk, Outcome.TRUE).closed
    assert closed is not None

    def since(moment: datetime) -> dict[str, Any]:
        rows = operator.get(f"{API}/alarms-since", {"since": moment.isoformat()}).json()
        return {row["subject"]: row for row in rows}

    assert set(since(between)) == {"waits", "over"}  # raised before, but open for a while since
    assert set(since(closed + timedelta(seconds=1))) == {"waits"}
    found = since(between)
    assert found["over"]["closed"] == round(closed.timestamp() * 1000)
    assert found["waits"]["raised"] == round(waits.raised.timestamp() * 1000)
    assert found["waits"]["closed"] is None
