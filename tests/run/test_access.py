"""The access matrix is what the code does: each row is tried as every role, with data that could leak."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fixtures.people import MakePerson
from madang.ground.cases.domain.incidents import Situation, open_incident
from madang.ground.cases.domain.raising import Cause, Finding, raise_alarm
from madang.ground.cases.kinds import Severity
from madang.ground.city.models import City
from madang.ground.ids import new_id
from madang.ground.people import roles
from madang.ground.people.domain.grants import Incident, break_glass, give_grant
from madang.ground.people.domain.invitations import invite
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.people.domain.shifts import plan_shift
from madang.ground.people.matrix import NOBODY, all_keys
from madang.ground.people.models import Account, Membership, Organisation
from madang.ground.people.public import demo_accounts, visible_kinds
from madang.ground.people.roles import DEMO_KEEPER, STEWARD
from madang.ground.privacy.domain.duties import add_contract
from madang.ground.privacy.domain.footage import open_request
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
from madang.ground.trail.public import Actor
from madang.run.access import OWN, PUBLIC, TABLE, UNMARKED, Row, example, rows, table

ROOT = Path(__file__).parents[2]
SECRET = "Nobodys-Secret-7"  # ASCII: JSON writes it as HTML does
SHOWN = {
    "administrator": (
        "/quiet/people/",
        "/quiet/people/organisations/",
        "/quiet/people/invitations/",
        "/quiet/people/shifts/",
        "/quiet/alarms/",
        "/quiet/incidents/",
        "/quiet/devices/",
        "/api/v1/cities/quiet/alarms",
        "/api/v1/cities/quiet/incidents",
        "/api/v1/cities/quiet/devices",
    ),
    "shift_leader": ("/quiet/people/grants/",),
    "seconded_police": ("/quiet/people/grants/mine/",),
    "privacy_officer": (
        "/quiet/people/emergency/",
        "/quiet/privacy/",
        "/quiet/privacy/requests/",
        "/quiet/privacy/contracts/",
    ),
}
PARTS = 5  # thousands of questions: shared among the processes that test
REACHED = [row for row in rows() if row.surface != "topic"]


def test_the_committed_table_is_what_the_code_says() -> None:
    """A new address without a row fails here. Renew with: .venv/bin/python -m madang.run.access"""
    assert (ROOT / TABLE).read_text(encoding="utf-8") == table()


def test_nothing_is_reachable_that_no_gate_marks() -> None:
    assert [row for row in rows() if row.right == UNMARKED] == []


@pytest.fixture
def everyone(person: MakePerson, hall: Organisation, city: City) -> dict[str, Account | None]:
    """Somebody for each role, a visitor, and somebody else whose name could leak."""
    found: dict[str, Account | None] = {NOBODY: None, "signed_in": person()}
    for role in roles.roles():
        found[role.key] = person(role.key, _home(role, hall))
    found[STEWARD] = person()
    Account.objects.filter(pk=found[STEWARD].pk).update(steward=True)  # type: ignore[union-attr]
    found[DEMO_KEEPER] = _demo_keeper()
    secret = person("operator")
    Account.objects.filter(pk=secret.pk).update(name=SECRET)
    fill(city, hall, secret, found["privacy_officer"])
    # Its banner stands on every page of a privacy officer; the name there is another's.
    break_glass(Actor(name="test"), person("operator"), city, SECRET)
    return found


def fill(city: City, hall: Organisation, secret: Account, officer: Account | None) -> None:
    """Something in each room that carries SECRET, so that a door left open would show it."""
    now, actor = timezone.now(), Actor(account=secret.pk, name=SECRET)
    end = now + timedelta(hours=1)
    raise_alarm(actor, city.pk, Cause("underpass_flooded", "1"), Finding(now, SECRET))
    open_incident(actor, city.pk, Situation("fire", Severity.MAJOR, SECRET, now))
    declare_kind(city, KindSpec("station", {"ko": "관측소"}))
    register_devices(city, [DeviceSpec("station-1", "station", SECRET)], actor)
    police = Organisation.objects.get(city=city, key="police")
    give_grant(actor, police, Incident(new_id(), SECRET), [new_id()], end, SECRET)
    member = Membership.objects.get(account=secret)
    plan_shift(actor, member, end, end + timedelta(hours=8), SECRET)
    assert officer is not None
    invite(actor, officer, hall, "new@example.org", SECRET, "operator")
    words = {"name": SECRET, "contact": SECRET, "place": SECRET, "purpose": SECRET}
    open_request(actor, city, begins=now - timedelta(hours=1), ends=now, **words)
    firm = create_organisation(actor, city, "firm", "contractor", {"ko": SECRET})
    items = dict.fromkeys(("scope", "subcontracting", "access", "inspection", "liability"), SECRET)
    day = now.date()
    add_contract(actor, officer, city, organisation=firm, begins=day, ends=day, **items)


def _demo_keeper() -> Account:
    """The administrator of another simulated city: what opens here, opens by that alone."""
    elsewhere = City.objects.create(key="play", simulated=True)
    demo_accounts(elsewhere, "seed")
    return Account.objects.get(email="administrator@play.example")


def _home(role: roles.Role, hall: Organisation) -> Organisation:
    kind = next(
        kind for kind in ("city", "police", "fire", "public", "institution") if role.fits(kind)
    )
    if kind == "city":
        return hall
    found = Organisation.objects.filter(city=hall.city, key=kind).first()
    return found or create_organisation(Actor(name="test"), hall.city, kind, kind, {"ko": kind})


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_each_row_opens_to_its_roles_and_to_nobody_else(
    everyone: dict[str, Account | None], city: City, part: int
) -> None:
    wrong = []
    kept = {role: _signed_in(account) for role, account in everyone.items()}
    for row in REACHED[part::PARTS]:
        for role in _asked(row):
            client = _signed_in(everyone[role]) if row.right in (PUBLIC, OWN) else kept[role]
            answer = _ask(row, client, city.key)
            if _opened(row, answer) is not row.opens_to(role):
                wrong.append((role, row.address, row.right, answer.status_code))
            if not row.opens_to(role):
                assert SECRET not in answer.content.decode(errors="replace"), (role, row)
    assert wrong == []


@pytest.mark.django_db
def test_what_the_pages_hide_is_there_to_leak(everyone: dict[str, Account | None]) -> None:
    for role, paths in SHOWN.items():
        client = Client()
        client.force_login(everyone[role])  # type: ignore[arg-type]
        for path in paths:
            assert SECRET in client.get(path).content.decode(), (role, path)


@pytest.mark.django_db
def test_each_topic_opens_to_its_roles(everyone: dict[str, Account | None], city: City) -> None:
    topics = [row for row in rows() if row.surface == "topic"]
    for role, account in everyone.items():
        expected = {row.address for row in topics if row.opens_to(role)}
        assert visible_kinds(account, city) == expected, role


def _asked(row: Row) -> list[str]:
    """A right is tried as every role; what is public or one's own as a visitor and somebody."""
    return [NOBODY, "signed_in"] if row.right in (PUBLIC, OWN) else all_keys()


def _signed_in(account: Account | None) -> Client:
    """Somebody's browser. Only what is public or one's own can end a session: the others share one."""
    client = Client()
    if account is not None:
        client.force_login(account)
    return client


def _ask(row: Row, client: Client, city: str) -> Any:
    address = example(row.address, city)
    if row.methods == "any":
        answer = client.get(address)
        return client.post(address) if answer.status_code == 405 else answer
    return client.generic(row.methods.split()[0], address, "{}", content_type="application/json")


def _is_away(row: Row, answer: Any) -> bool:
    """The processes climate and twin do not run here; 503 says so behind an open door."""
    said = answer.headers["Content-Type"].startswith("application/problem+json")
    asks = ("/api/v1/cities/{city}/climate/", "/api/v1/cities/{city}/traffic/windows")
    return answer.status_code == 503 and said and any(one in f"/{row.address}" for one in asks)


def _opened(row: Row, answer: Any) -> bool:
    """Whether the door was open, whatever was behind it: nothing there, or a form not filled in."""
    assert answer.status_code < 500 or _is_away(row, answer), row
    to_sign_in = answer.status_code == 302 and "/account/login/" in answer.headers["Location"]
    if row.right == PUBLIC:
        shown = b'class="page' in answer.content  # a page may say that signing in elsewhere failed
        return answer.status_code != 403 and (answer.status_code != 401 or shown)
    return answer.status_code not in (401, 403) and not to_sign_in
