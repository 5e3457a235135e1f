"""Microscopic windows: leases, one a person, the cap, a killed SUMO, what the API says of them."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from fixtures import field_devices as field
from fixtures.lit_streets import BLOCK, SOUTH, WEST, bring_streets, put_detectors
from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.city.public import to_degrees
from madang.ground.people.domain.memberships import give_role
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.trail.public import Actor
from madang.systems.emergency.public import hurrying
from madang.systems.traffic.domain.streets_now import held_network, plans_at, streets_now
from madang.systems.traffic.domain.turnings import turned_hourly
from madang.systems.traffic.engine.approaches import approaches, channel
from madang.systems.traffic.micro import export, opening, windows
from madang.systems.traffic.micro.handover import hand_over
from madang.systems.traffic.micro.messages import (
    Answer,
    End,
    Figures,
    Look,
    Open,
    Picture,
    Refused,
    Seen,
    answers,
    encode,
    questions,
)
from madang.systems.traffic.micro.opening import Prepared
from madang.systems.traffic.micro.plans import plans_now
from madang.systems.traffic.micro.refusal import WindowRefusal
from madang.systems.traffic.micro.windows import Windows
from madang.systems.traffic.web import windows_api
from systems.traffic.micro_support import BEGIN, middle, running

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("sumo") is None,
    reason="SUMO is not installed: pip install eclipse-sumo",
)
CITY = uuid4()
PATIENCE = 60.0


def prepared(wish: Open, folder: Path, seed: int) -> Prepared:
    """A window of the town in the middle, whoever wishes for it."""
    district = middle()
    handed = hand_over(running(district, 300, 1, later=60))
    plans = {
        s: int(district.network.signals.plan_first[s]) for s in range(len(district.network.signals))
    }
    net = export.street(district.network, plans, folder)
    vehicles = export.traffic(handed, folder / "d.rou.xml")
    told: dict[str, Any] = {"lanes": []}
    return Prepared(net, vehicles, 1e9, BEGIN, BEGIN + 600, "longest", (WEST, SOUTH), told)


def refusing(wish: Open, folder: Path, seed: int) -> Prepared:
    raise WindowRefusal("nothing-measured")


def wish(person: UUID | None = None) -> Open:
    return Open(city=CITY, person=person or uuid4(), lon=127.0, lat=37.0)


async def until(windows: Windows, one: Seen, person: UUID, wanted: Callable[[Seen], bool]) -> Seen:
    """Look, as a screen does, until what is seen is wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            seen = await windows.answer(
                Look(city=CITY, person=person, window=one.window, street=True)
            )
            assert isinstance(seen, Seen)
            if wanted(seen):
                return seen
            await asyncio.sleep(0.05)


def runs(seen: Seen) -> bool:
    return seen.state == "running" and bool(seen.pictures)


def ended(seen: Seen) -> bool:
    return seen.state == "ended"


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def pid_of(windows: Windows, one: Seen) -> int:
    return windows._windows[one.window].pid


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where windows keep their files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def held(
    act: Callable[[Windows], Awaitable[None]], prepare: windows.Prepare = prepared, most: int = 2
) -> None:
    """Do it with windows of one process, which closes at the end."""

    async def whole() -> None:
        made = Windows(prepare, most)
        try:
            await act(made)
        finally:
            await made.close()

    asyncio.run(whole())


async def opened(made: Windows, person: UUID) -> Seen:
    found = await made.answer(wish(person))
    assert isinstance(found, Seen)
    assert found.state == "preparing"
    return found


def test_a_window_runs_as_long_as_somebody_looks(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "HELD_FOR", 1.0)
    person = uuid4()

    async def act(made: Windows) -> None:
        one = await opened(made, person)
        seen = await until(made, one, person, runs)
        assert seen.street == {"lanes": []}
        assert seen.began == 1e9
        assert seen.figures is not None
        assert seen.figures.vehicles == len(seen.pictures[0].ids) > 0
        at = seen.pictures[-1].at
        later = await until(made, one, person, lambda seen: seen.pictures[-1].at > at + 1)
        more = await made.answer(Look(city=CITY, person=person, window=one.window, after=at))
        assert isinstance(more, Seen)
        assert [p.at for p in more.pictures] == sorted(p.at for p in more.pictures)
        assert all(p.at > at for p in more.pictures)
        assert max(map(abs, later.pictures[0].x)) < 3000  # from the city's origin
        assert later.figures is not None
        assert later.figures.lost is not None
        assert 0 < later.figures.lost < 600
        pid = pid_of(made, one)
        assert alive(pid)
        async with asyncio.timeout(PATIENCE):  # nobody looks
            await made._tasks[one.window]
        assert not alive(pid)
        seen = await until(made, one, person, ended)
        assert seen.why == "unwatched"

    held(act)
    assert list(folders.iterdir()) == []


def test_a_killed_sumo_is_said_and_the_window_can_be_opened_again(folders: Path) -> None:
    person = uuid4()

    async def act(made: Windows) -> None:
        one = await opened(made, person)
        await until(made, one, person, runs)
        pid = pid_of(made, one)
        os.kill(pid, signal.SIGKILL)
        seen = await until(made, one, person, ended)
        assert seen.why == "sumo-ended"
        assert not alive(pid)
        other = await opened(made, person)
        await until(made, other, person, runs)

    held(act)
    assert list(folders.iterdir()) == []


def test_one_window_a_person_and_so_many_at_once(folders: Path) -> None:
    ann, ben, cho = uuid4(), uuid4(), uuid4()

    async def act(made: Windows) -> None:
        first, _ = await opened(made, ann), await opened(made, ben)
        await until(made, first, ann, runs)
        pid = pid_of(made, first)
        assert await made.answer(wish(cho)) == Refused(code="too-many-windows", words={"most": 2})
        again = await opened(made, ann)  # in the place of the first
        assert not alive(pid)
        assert (await until(made, first, ann, ended)).why == "closed"
        stranger = Look(city=CITY, person=cho, window=again.window)
        assert await made.answer(stranger) == Refused(code="no-window", words={})
        for ask in (Look, End):
            elsewhere = ask(city=uuid4(), person=ann, window=again.window)
            assert await made.answer(elsewhere) == Refused(code="no-window", words={})
        gone = await made.answer(End(city=CITY, person=ann, window=again.window))
        assert isinstance(gone, Seen)
        assert gone.state == "ended"
        await opened(made, cho)

    held(act)
    assert list(folders.iterdir()) == []


def test_why_a_window_cannot_be_is_said_to_who_looks(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = uuid4()

    async def act(made: Windows) -> None:
        one = await opened(made, person)
        assert (await until(made, one, person, ended)).why == "nothing-measured"

    held(act, refusing)

    async def without(made: Windows) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        one = await opened(made, person)
        assert (await until(made, one, person, ended)).why == "no-sumo"

    held(without)


@pytest.fixture
def lit(city: City) -> City:
    bring_streets(city)
    city.west, city.south, city.east, city.north = 127.02, 37.257, 127.039, 37.271
    city.save()
    return city


def count(city: City) -> int:
    """Put a detector over every third road that leads to a signal; how many there are."""
    found = streets_now(city, datetime.now(UTC))
    assert found is not None
    keys = [road.key for road in found.roads][::3]
    put_detectors(city, dict.fromkeys(keys, 240))
    return len(keys)


def middle_of(city: City) -> tuple[float, float]:
    lon, lat = to_degrees(WEST + 2 * BLOCK, SOUTH + 2 * BLOCK, city.crs)
    return float(lon), float(lat)


@pytest.mark.django_db
def test_a_window_begins_from_what_detectors_counted(lit: City, tmp_path: Path) -> None:
    lon, lat = middle_of(lit)
    now = datetime.now(UTC)
    with pytest.raises(WindowRefusal) as refused:
        opening.prepare(lit, lon, lat, now, tmp_path, 1)
    assert refused.value.code == "nothing-measured"
    count(lit)
    ready = opening.prepare(lit, lon, lat, now, tmp_path, 1)
    street = ready.street
    assert ready.since == now.timestamp()
    assert 0 < ready.end - ready.begin <= opening.LONGEST_S
    known = [each for each in street["entries"] if each["measured"]]
    assert 0 < len(known) < len(street["entries"])
    assert all(each["volume"] == pytest.approx(240, rel=0.1) for each in known)
    assert street["placed"] > 5
    assert len(street["stops"]) > len(street["signals"]) >= 5
    assert len(street["lanes"]) > street["edges"]
    with pytest.raises(WindowRefusal) as refused:
        opening.prepare(lit, lon + 0.2, lat, now, tmp_path, 1)
    assert refused.value.code == "no-streets"


@pytest.mark.django_db
def test_a_city_without_streets_has_no_windows(city: City, tmp_path: Path) -> None:
    with pytest.raises(WindowRefusal) as refused:
        opening.prepare(city, 127.0, 37.2, datetime.now(UTC), tmp_path, 1)
    assert refused.value.code == "no-network"


@pytest.mark.django_db
def test_the_api_tells_a_window_in_words_and_keeps_it_from_who_may_not(
    lit: City, client: Client, person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def answering(question: Any) -> Seen:
        asked.append(questions.decode(encode(question)))
        if len(asked) == 3:
            raise WindowRefusal("too-many-windows", most=3)
        why = "" if len(asked) == 1 else "unwatched"
        cars = Picture(29818.0, [7], [1.5], [2.5], [90.0], [3.0])
        said: Answer = Seen(
            window=uuid4(), state="ended" if why else "preparing", why=why, pictures=[cars],
            figures=Figures(1, 0, 10.8, None), street={"lanes": [[0.0, 1.0]]},
        )  # fmt: skip
        found = answers.decode(encode(said))
        assert isinstance(found, Seen)
        return found

    monkeypatch.setattr(windows_api, "ask", answering)
    here = f"/api/v1/cities/{lit.key}/traffic/windows"
    body = {"lon": 127.03, "lat": 37.26}

    def post(what: dict[str, float]) -> Any:
        return client.post(here, what, content_type="application/json")

    assert post(body).status_code == 401
    client.force_login(person("planner"))
    assert post(body).status_code == 403
    somebody = person("traffic_engineer")
    client.force_login(somebody)
    assert post({"lon": 527, "lat": 37}).status_code == 422
    first = post(body)
    assert first.status_code == 200, first.content
    assert first.json()["state"] == "preparing"
    assert asked[0].person == somebody.pk
    assert asked[0].emergency, "a traffic engineer sees emergency vehicles, too"
    assert asked[0].city == lit.pk
    seen = client.get(f"{here}/{uuid4()}?after=29817.5&street=true")
    assert (asked[1].after, asked[1].street) == (29817.5, True)
    assert seen.json()["pictures"][0]["ids"] == [7]
    assert seen.json()["figures"]["lost"] is None
    assert seen.json()["street"] == {"lanes": [[0.0, 1.0]]}
    assert "끝" in seen.json()["why"]
    full = client.delete(f"{here}/{uuid4()}")
    assert full.status_code == 429
    assert "3" in full.json()["detail"]


@pytest.mark.django_db
def test_the_right_in_one_city_opens_nothing_in_another(
    lit: City, client: Client, person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has it in both has each window in its own city only."""
    there = City.objects.create(key="other", names={"ko": "다른시"}, simulated=True)
    council = create_organisation(Actor(name="test"), there, "hall", "city", {"ko": "시청"})
    asked: list[Any] = []

    def answering(question: Any) -> Seen:
        asked.append(question)
        return Seen(window=uuid4(), state="preparing")

    monkeypatch.setattr(windows_api, "ask", answering)
    urls = [f"/api/v1/cities/{key}/traffic/windows" for key in (lit.key, there.key)]

    def statuses() -> list[int]:
        body, one = {"lon": 127.03, "lat": 37.26}, uuid4()
        opened = [client.post(url, body, content_type="application/json") for url in urls]
        others = [act(f"{url}/{one}") for act in (client.get, client.delete) for url in urls]
        return [answer.status_code for answer in (*opened, *others)]

    engineer = person("traffic_engineer")
    client.force_login(engineer)
    assert statuses() == [200, 403] * 3
    assert {question.city for question in asked} == {lit.pk}
    give_role(Actor(name="test"), engineer, council, "traffic_engineer")
    asked.clear()
    assert statuses() == [200, 200] * 3
    assert [question.city for question in asked] == [lit.pk, there.pk] * 3


@pytest.mark.django_db
def test_a_window_takes_turns_and_plans_as_they_are_said(lit: City, tmp_path: Path) -> None:
    """Counted turns are the shares of the approach, and a controller's own plan and cycle are run."""
    count(lit)
    now = datetime.now(UTC)
    held = held_network(lit, now)
    assert held is not None
    network, key = held.network, "N000013"  # the middle
    signal = [one.key for one in network.signals.controllers].index(key)
    crossing = field.put(lit, "smart_crossing", key)
    for number, one in enumerate(approaches(network, signal), 1):
        for way in one.turns:
            counted = 60 if way == "left" else 0
            field.count(crossing, channel(number, way), 300, counted, ago=20)
    turned = turned_hourly(lit, network, now + timedelta(seconds=1))
    assert len(turned) == len(approaches(network, signal))
    assert all(ways == {"left": 720, "through": 0, "right": 0} for ways in turned.values())
    controller = field.put(lit, "signal_controller", key)
    table = plans_at(network, now.astimezone(ZoneInfo(lit.time_zone)))[signal]
    own = next(p for p in (0, 1) if p != table - network.signals.plan_first[signal])
    program = network.signals.controllers[signal].programs[own]
    field.say(controller, "plan", program.key, 10)
    field.say(controller, "phase", "φ1", 10)
    field.take(controller, "cycle_second", 7.0, 10)
    lon, lat = middle_of(lit)
    ready = opening.prepare(lit, lon, lat, datetime.now(UTC), tmp_path, 1)
    assert (ready.street["heard"], ready.street["turned"]) == (1, 1)
    runs = plans_now(lit, network, datetime.now(UTC))
    plan = int(network.signals.plan_first[signal]) + own
    assert runs.plan_of[signal] == plan
    local = (now - timedelta(seconds=10)).astimezone(ZoneInfo(lit.time_zone))
    into = local.hour * 3600 + local.minute * 60 + local.second - runs.network.signals.offset[plan]
    assert abs((into - 7 + 5) % program.cycle_s - 5) < 3


@pytest.mark.django_db
def test_who_is_on_a_mission_drives_in_the_window(lit: City, tmp_path: Path) -> None:
    """Only for who may see emergency vehicles; one that stands by or fell silent is not there."""
    count(lit)
    x, y = (
        WEST + 1.5 * BLOCK,
        SOUTH + 2 * BLOCK - 5.0,
    )  # on the right of the middle street, eastwards
    for key, mission, ago in (("A", "en_route", 2), ("B", "standby", 2), ("C", "transporting", 90)):
        ambulance = field.put(lit, "ambulance", key)
        field.say(ambulance, "mission", mission, 300)
        field.drive(ambulance, x, y, 90.0, ago)
    now = datetime.now(UTC)
    assert [(one.kind, one.heading) for one in hurrying(lit, now)] == [("ambulance", 90.0)]
    lon, lat = middle_of(lit)
    without = opening.prepare(lit, lon, lat, now, tmp_path, 1)
    assert (without.street["emergency"], without.make_way) == ([], False)
    ready = opening.prepare(lit, lon, lat, now, tmp_path, 1, emergency=True)
    assert (ready.street["emergency"], ready.make_way) == ([export.FIRST_BLUE], True)
    assert f'id="{export.FIRST_BLUE}" type="blue"' in ready.vehicles.read_text()


@pytest.mark.django_db
def test_without_the_process_the_api_says_that_it_is_away(
    lit: City, client: Client, person: MakePerson
) -> None:
    client.force_login(person("traffic_engineer"))
    began = time.monotonic()
    found = client.get(f"/api/v1/cities/{lit.key}/traffic/windows/{uuid4()}")
    assert found.status_code == 503
    assert time.monotonic() - began < 30
