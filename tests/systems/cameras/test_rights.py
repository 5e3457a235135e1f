"""Who may use which site: by the purpose it was installed for, where it stands, when, and by a grant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.people.domain.grants import Incident, give_grant, give_scope, revoke_grant
from madang.ground.people.models import Account, CameraAct, Membership, Organisation
from madang.ground.trail.public import Actor
from madang.systems.cameras.models import Site
from madang.systems.cameras.rights import acts_open

pytestmark = pytest.mark.django_db
ACTOR = Actor(name="test")


@pytest.fixture
def sites(city: City) -> list[Site]:
    return make_sites(
        city,
        ("경기도 고요시 학교길 1", "school-zone", 127.002),
        ("경기도 고요시 시장길 2", "crime", 127.004),
        ("경기도 고요시 시장길 9", "crime", 127.014),
    )


def open_to(account: Account, city: City, sites: list[Site]) -> list[list[CameraAct]]:
    return [acts_open(account.pk, city, site) for site in sites]


def scope(account: Account, **limits: object) -> None:
    give_scope(ACTOR, Membership.objects.get(account=account), ["view"], **limits)


def test_a_purpose_of_the_register_opens_its_sites_only(
    city: City, person: MakePerson, sites: list[Site]
) -> None:
    operator = person("operator")
    assert open_to(operator, city, sites) == [[], [], []]
    scope(operator, purposes=["school-zone"])
    assert open_to(operator, city, sites) == [[CameraAct.VIEW], [], []]


def test_a_district_opens_what_stands_in_it(
    city: City, person: MakePerson, sites: list[Site]
) -> None:
    operator = person("operator")
    scope(operator, districts=["4111157000"])
    assert open_to(operator, city, sites) == [[], [], [CameraAct.VIEW]]


def test_hours_close_the_site_again(city: City, person: MakePerson, sites: list[Site]) -> None:
    operator = person("operator")
    local = timezone.localtime(timezone=timezone.get_fixed_timezone(9 * 60))
    later = [(local + timedelta(hours=hours)).time() for hours in (2, 3)]
    scope(operator, hours_from=later[0], hours_until=later[1])
    assert open_to(operator, city, sites) == [[], [], []]


def test_a_grant_opens_the_named_sites_until_it_is_revoked(
    city: City, person: MakePerson, police: Organisation, sites: list[Site]
) -> None:
    officer = person("seconded_police", police)
    until = timezone.now() + timedelta(hours=1)
    incident = Incident(sites[0].pk, "2026-000001 실종")
    grant = give_grant(ACTOR, police, incident, [sites[1].pk], until, "실종 아동 수색")
    assert open_to(officer, city, sites) == [[], [CameraAct.VIEW], []]
    assert said(officer, sites[1]) == "View live"
    assert said(officer, sites[0]).startswith("Nothing")
    revoke_grant(ACTOR, grant, "아동을 찾음")
    assert said(officer, sites[1]).startswith("Nothing")


def test_whose_work_has_no_cameras_is_told_nothing_of_rights(
    person: MakePerson, sites: list[Site]
) -> None:
    assert said(person("planner"), sites[0]) is None
    assert said(None, sites[0]) is None


def test_a_scope_says_purposes_and_districts_in_words(
    person: MakePerson, sites: list[Site]
) -> None:
    operator = person("operator")
    scope(operator, purposes=["crime"], districts=["4111157000"])
    client = Client()
    client.force_login(person("administrator"))
    page = client.get(f"/quiet/people/{operator.pk}/").content.decode()
    assert "나동" in page
    assert "4111157000</td>" not in page


def said(account: Account | None, site: Site) -> Any:
    """What the console's inspector says that account may do with site."""
    client = Client(headers={"Accept-Language": "en"})
    if account is not None:
        client.force_login(account)
    with translation.override("en"):
        answer = client.get(f"/api/v1/cities/quiet/console/things/camera/{site.pk}")
    assert answer.status_code == 200
    assert str(site.key) in answer.content.decode()  # the register itself is everybody's
    facts = {fact["title"]: fact["text"] for fact in answer.json()["facts"]}
    return facts.get("You may")
