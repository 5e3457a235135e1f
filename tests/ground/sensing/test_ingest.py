"""What gateways bring over HTTP: judged as the gate judges it, and on the log before the answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from fixtures.nats import TestNats
from madang.ground.bus.log import Log
from madang.ground.bus.messages import Reader, now_ms
from madang.ground.city.models import City
from madang.ground.sensing.domain import ingest
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices, renew_credential
from madang.ground.sensing.domain.ingest import Ingest
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.sensing.messages import STREAMS, Quarantined, Readings
from madang.ground.sensing.web import api
from madang.ground.trail.public import Actor

ME = Actor(name="test")


@pytest.fixture
def bearer(db: None, own_nats: TestNats, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of the gateway `g` of a city, with one gauge behind it and one that is not."""
    settings.NATS_URL = own_nats.url
    monkeypatch.setattr(api, "ingest_of_process", Ingest("http"))
    asyncio.run(_streams(own_nats.url))
    city = City.objects.create(key="yard", west=126.93, south=37.22, east=127.12, north=37.35)
    levels = [ChannelSpec("water_level", {}, "m", 0, 5)]
    declare_kind(city, KindSpec("gauge", {}, levels))
    specs = [
        DeviceSpec("g", "gauge", "gateway"),
        DeviceSpec("near", "gauge", "near", gateway="g"),
        DeviceSpec("far", "gauge", "far"),
    ]
    return f"g:{renew_credential(register_devices(city, specs, ME)['g'], ME)}"


async def _streams(url: str) -> None:
    log = await Log.connect(url, "test")
    await log.ensure(*[replace(stream, megabytes=50) for stream in STREAMS])
    await log.close()


async def _on_the_log(url: str, kind: Any) -> list[Any]:
    log = await Log.connect(url, "test")
    since = datetime.fromtimestamp(0, UTC)
    found = [Reader(kind).decode(entry.data) async for entry in log.replay(kind, since)]
    await log.close()
    return found


def _bring(token: str, *messages: tuple[str, Any]) -> Any:
    body = {
        "messages": [{"device": one, "what": "readings", "facts": facts} for one, facts in messages]
    }
    return Client().post(
        "/api/v1/cities/yard/ingest",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def _level(value: float) -> dict[str, Any]:
    return {"t": now_ms(), "channel": "water_level", "value": value}


def test_what_is_true_is_taken_and_the_rest_is_quarantined_with_its_reason(
    bearer: str, own_nats: TestNats
) -> None:
    answer = _bring(bearer, ("near", [_level(0.4), _level(99)]), ("g", {"t": "no"}), ("ghost", []))
    assert answer.status_code == 200, answer.content
    assert answer.json()["taken"] == 1
    refused = {(one["device"], one["reason"], one["facts"]) for one in answer.json()["refused"]}
    assert refused == {
        ("near", "out_of_range", 1),
        ("g", "malformed", 1),
        ("ghost", "unknown_device", 1),
    }
    (batch,) = asyncio.run(_on_the_log(own_nats.url, Readings))
    assert batch.value.tolist() == [0.4]
    assert len(asyncio.run(_on_the_log(own_nats.url, Quarantined))) == 1


def test_a_gateway_speaks_for_its_own_and_nobody_without_a_credential(bearer: str) -> None:
    assert _bring(bearer, ("near", _level(1)), ("far", _level(1))).status_code == 403
    for token in ("g:wrong", "far:", "nobody:x", "", bearer.replace("g:", "near:")):
        assert _bring(token, ("near", _level(1))).status_code == 401, token


def test_while_the_log_is_away_nothing_is_acknowledged(
    bearer: str, own_nats: TestNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _bring(bearer, ("near", _level(1))).status_code == 200
    monkeypatch.setattr(ingest, "PATIENCE", 1.0)
    own_nats.kill()
    assert _bring(bearer, ("near", _level(1))).status_code == 503
