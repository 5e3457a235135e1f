"""Every operation of the API, asked what its own description allows and what it does not.

schemathesis makes the questions; nothing may fail with a 5xx, and nobody may learn of what is not theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django import db
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from psycopg.pq import TransactionStatus

from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.people.domain.memberships import give_role
from madang.ground.people.models import Account, Organisation
from madang.ground.trail.public import Actor

# An operation and somebody: the whole stays far under a minute. Before a release ask for hundreds.
EXAMPLES = int(os.environ.get("MADANG_FUZZ_EXAMPLES", "5"))
SECRET = "Nobodys-Secret-7"  # ASCII: JSON writes it as HTML does
ROLES = ("administrator", "operator", "shift_leader", "privacy_officer", "planner")
AWAY = ("/climate/", "/traffic/windows")  # their processes do not run here; 503 says so
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class UnguardedRequest(WSGIRequest):
    """Questions go past the check of forms, to what lies behind it."""

    _dont_enforce_csrf_checks = True


class Site(WSGIHandler):
    request_class = UnguardedRequest


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The test's own transaction is seen by the site: no request closes its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def everything(city: City, hall: Organisation, person: MakePerson) -> str:
    """The session of somebody who may do nearly all; and somebody else, whose name could leak."""
    secret = person("operator")
    Account.objects.filter(pk=secret.pk).update(name=SECRET)
    account = person(ROLES[0])
    for role in ROLES[1:]:
        give_role(Actor(name="test"), account, hall, role)
    client = Client()
    client.force_login(account)
    return str(client.cookies["sessionid"].value)


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", Site())
    for found in schema.get_all_operations():
        yield found.ok()


def _mend() -> None:
    """A question that the database refused ends its transaction; the next one begins in a whole one."""
    if db.connection.connection.info.transaction_status is TransactionStatus.INERROR:
        db.connection.connection.execute("ROLLBACK TO SAVEPOINT before_questions")


def ask(operation: Any, cookies: dict[str, str], wrong: list[str]) -> None:
    """Ask operation EXAMPLES times, in the city that is there; keep what it should not have answered."""

    @BOUNDED
    @given(case=operation.as_strategy())
    def answers(case: Any) -> None:
        if "city" in (case.path_parameters or {}):
            case.path_parameters["city"] = "quiet"
        response = case.call(cookies=cookies)
        _mend()
        away = response.status_code == 503 and any(one in case.formatted_path for one in AWAY)
        if response.status_code >= 500 and not away:
            wrong.append(f"{response.status_code} {case.method} {case.formatted_path}")
        if not cookies and SECRET in response.text:
            wrong.append(f"leak {case.method} {case.formatted_path}")

    answers()


@pytest.mark.django_db
@pytest.mark.one_server
def test_no_question_to_the_api_is_answered_by_a_failure_or_a_leak(everything: str) -> None:
    db.connection.cursor().execute("SAVEPOINT before_questions")
    wrong: list[str] = []
    asked = 0
    for operation in operations():
        asked += 1
        ask(operation, {}, wrong)
        ask(operation, {"sessionid": everything}, wrong)
    assert asked > 10
    assert wrong == []
