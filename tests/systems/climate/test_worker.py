"""The climate process itself, over NATS: killed in mid-run, it says from the rows what it said before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from fixtures import surfaces as yard
from fixtures.database import TestDatabase
from fixtures.nats import TestNats
from madang.ground.bus.asking import Asker, UnansweredError
from madang.ground.city.models import City
from madang.systems.climate.domain import scenarios
from madang.systems.climate.messages import SUBJECT, Said, Total, answers, encode
from madang.systems.climate.models import Kind

pytestmark = pytest.mark.one_server

STREET = [[(200_020.0, 519_800.0), (200_260.0, 519_800.0)]]


@pytest.fixture
def asker(own_nats: TestNats) -> Iterator[Asker]:
    with closing(Asker(own_nats.url, "test")) as asker:
        yield asker


def test_killed_in_mid_run_the_plan_is_as_before(
    django_database: TestDatabase, own_nats: TestNats, asker: Asker, tmp_path: Path
) -> None:
    city = yard.city(tmp_path)
    plan = scenarios.make(city, "가로수", yard.ACTOR)
    trees = scenarios.Drawn(Kind.TREES, STREET, what={"species": "ginkgo"})
    scenarios.draw(plan.pk, 0, [trees], yard.ACTOR)
    first = started(django_database, own_nats)
    try:
        before = total(asker, city, plan.pk)
        asker_waits = Total(city=city.pk, scenario=plan.pk, zones=True)
        first.send_signal(signal.SIGSTOP)  # a question is on its way to it …
        with pytest.raises(UnansweredError):
            asker.ask(SUBJECT, encode(asker_waits), 0.2)
    finally:
        first.kill()  # … and it dies before it answers
        first.wait()
    scenarios.draw(plan.pk, 1, [trees], yard.ACTOR)  # somebody goes on drawing meanwhile
    second = started(django_database, own_nats)
    try:
        after = total(asker, city, plan.pk)
        assert (before["version"], after["version"]) == (1, 2)
        assert after["carbon_t"] == pytest.approx(2 * before["carbon_t"], rel=1e-4)
        assert after["mean_celsius"] <= before["mean_celsius"] < 0
    finally:
        second.terminate()
        assert second.wait(20) == 0


def started(database: TestDatabase, nats: TestNats) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ, "DATABASE_URL": database.app_url, "DATABASE_OWNER_URL": database.owner_url,
        "NATS_URL": nats.url,
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-m", "madang", "run", "climate"], env=environment)


def total(asker: Asker, city: City, plan: UUID) -> dict[str, Any]:
    """What the process says, as soon as there is one."""
    until = time.monotonic() + 120
    while True:
        try:
            answer = asker.ask(SUBJECT, encode(Total(city=city.pk, scenario=plan)), 60)
        except UnansweredError:
            assert time.monotonic() < until, "nobody answers"
            time.sleep(0.1)
            continue
        found = answers.decode(answer)
        assert isinstance(found, Said), found
        return found.body
