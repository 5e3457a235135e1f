"""What other centres are told: it fits the schemas, says what was measured and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from fixtures.lit_streets import bring_streets, put_detectors
from madang.ground.city.models import City
from madang.ground.sensing.public import Device, withdraw
from madang.ground.trail.public import Actor
from madang.systems.traffic.domain.centres import let_in
from madang.systems.traffic.domain.streets_now import streets_now
from madang.systems.traffic.feeds import datex

pytestmark = pytest.mark.django_db
SCHEMAS = Path(__file__).parent / "schemas"
NAMES = datex.NAMESPACES
BASE = "/api/v1/cities/{city}/traffic/{what}"


@pytest.fixture
def lit(city: City) -> City:
    bring_streets(city, side=3)
    found = streets_now(city, datetime.now(UTC))
    assert found is not None
    put_detectors(city, {road.key: 600 for road in found.roads[:2]})
    return city


def content(client: Client, city: City, what: str) -> bytes:
    response = client.get(BASE.format(city=city.key, what=what))
    assert response.status_code == 200, response.content
    return bytes(response.content)


def checked(written: bytes, schema: str) -> Any:
    """The document, once it fits."""
    found = etree.fromstring(written)
    etree.XMLSchema(etree.parse(SCHEMAS / schema)).assertValid(found)
    return found


def test_datex_fits_and_its_sites_are_those_of_the_table(
    lit: City, client: Client, person: Any
) -> None:
    client.force_login(person("operator"))
    sites = checked(content(client, lit, "datex/sites"), "datex.xsd")
    measured = checked(content(client, lit, "datex/measured"), "datex.xsd")
    table = sites.find("roa:measurementSiteTable", NAMES)
    known = {
        (one.get("id"), one.get("version")) for one in table.findall("roa:measurementSite", NAMES)
    }
    referred = {
        (one.get("id"), one.get("version"))
        for one in measured.iterfind(".//roa:measurementSiteReference", NAMES)
    }
    assert known == referred
    assert len(known) == 2
    reference = measured.find("roa:measurementSiteTableReference", NAMES)
    assert reference.get("version") == table.get("version")
    flow = measured.find(".//com:vehicleFlowRate", NAMES)
    assert int(flow.text) == pytest.approx(600, rel=0.2)
    assert measured.find(".//com:speed", NAMES).text == "31.5"
    assert measured.find(".//com:informationStatus", NAMES).text == "test"


def test_what_was_not_heard_is_not_measured(lit: City) -> None:
    later = streets_now(lit, datetime.now(UTC) + timedelta(hours=1))
    assert later is not None
    assert datex.measured(later, lit) is None
    assert datex.sites(later, lit) is not None


def test_a_site_that_moves_has_another_version(lit: City) -> None:
    from madang.ground.sensing.models import Device

    def versions() -> dict[str, str]:
        found = streets_now(lit, datetime.now(UTC))
        assert found is not None
        root = etree.fromstring(datex.sites(found, lit) or b"")
        return {
            one.get("id"): one.get("version")
            for one in root.iter(f"{{{NAMES['roa']}}}measurementSite")
        }

    before = versions()
    Device.objects.filter(city=lit, key="VDS-0001").update(name="자리를 옮긴 검지기")
    after = versions()
    assert before["VDS-0001"] != after["VDS-0001"]
    assert before["VDS-0002"] == after["VDS-0002"]


def test_links_after_the_national_standard(lit: City, client: Client, person: Any) -> None:
    client.force_login(person("operator"))
    found = checked(content(client, lit, "exchange"), "exchange.xsd")
    said = json.loads(content(client, lit, "exchange?getType=json"))
    assert said["header"]["resultCode"] == "0"
    assert said["body"]["totalCount"] == 2 == len(found.findall(".//item"))
    item = said["body"]["items"][0]
    assert float(item["travelTime"]) == pytest.approx(
        _length(lit, item["linkId"]) / 31.5 * 3.6, abs=0.1
    )
    away = json.loads(content(client, lit, "exchange?getType=json&maxX=120"))
    assert away["body"] == {"totalCount": 0, "items": []}


def _length(city: City, key: str) -> float:
    found = streets_now(city, datetime.now(UTC))
    assert found is not None
    edges = found.network.edges
    return float(edges.length[edges.ids.index(key)])


def test_a_city_without_detectors_or_network_says_so(
    city: City, client: Client, person: Any
) -> None:
    client.force_login(person("operator"))
    for what in ("datex/sites", "datex/measured"):
        assert client.get(BASE.format(city=city.key, what=what)).status_code == 404
    assert json.loads(content(client, city, "exchange?getType=json"))["body"]["totalCount"] == 0


def test_another_centres_program_reads_by_its_own_credential(lit: City, client: Client) -> None:
    credential = let_in(lit, "utic", "", Actor(name="test"))
    other = let_in(lit, "topis", "", Actor(name="test"))

    def answer(what: str, token: str) -> int:
        address = BASE.format(city=lit.key, what=what)
        return client.get(address, headers={"Authorization": f"Bearer {token}"}).status_code

    for what in ("datex/sites", "datex/measured", "exchange"):
        assert answer(what, f"utic:{credential}") == 200
        for wrong in (f"utic:{other}", f"VDS-0001:{credential}", "utic:", "utic", credential):
            assert answer(what, wrong) == 401, wrong
    assert answer("links", f"utic:{credential}") == 401, "feeds only"
    let_in(lit, "utic", "", Actor(name="test"))
    assert answer("exchange", f"utic:{credential}") == 401, "a new one ends the one before"
    withdraw(Device.objects.get(city=lit, key="topis"), "over", Actor(name="test"))
    assert answer("exchange", f"topis:{other}") == 401
