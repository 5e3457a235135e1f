"""An indicator that falls between two surfaces raises an alarm by the city's own dated threshold."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from fixtures import surfaces as yard
from madang.ground.cases.domain.thresholds import Rule, set_threshold
from madang.ground.cases.kinds import Severity
from madang.ground.cases.models import Alarm, Step
from madang.ground.cases.quantities import quantities
from madang.ground.city.models import City, District
from madang.systems.climate.domain import fitting, reckoning, tables
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.models import Layer, Reckoning


@pytest.fixture
def city(db: None, tmp_path: Path) -> City:
    here = yard.city(tmp_path)
    reckoning.reckon(here.pk)
    Reckoning.objects.filter(city=here).update(made=timezone.now() - timedelta(days=1))
    return here


def threshold(city: City, level: float, severity: Severity = Severity.MINOR) -> None:
    rule = Rule("district", "carbon_fall", "%", "climate_fall", severity, level, level / 2,
                "2026년도 도시숲 관리계획")  # fmt: skip
    set_threshold(yard.ACTOR, city.pk, rule, timezone.now() - timedelta(minutes=1))


def cut(city: City, folder: Path, columns: int) -> None:
    """So many columns of the wood in the east become paved."""
    land = np.ones(yard.GRID.shape, np.uint8)
    land[:, 60 + columns :] = 2
    yard.bring(city, folder, land, Layer.LAND)
    reckoning.reckon(city.pk)


def test_a_fall_beyond_the_threshold_is_an_alarm_of_its_district_and_goes_with_it(
    city: City, tmp_path: Path
) -> None:
    threshold(city, 10)
    threshold(city, 40, Severity.MAJOR)
    cut(city, tmp_path, 15)  # a quarter
    [alarm] = Alarm.objects.filter(city=city)
    assert (alarm.kind, alarm.severity, alarm.district) == (
        "climate_fall",
        Severity.MINOR,
        "4112100",
    )
    assert alarm.simulated
    assert alarm.measure is not None
    assert alarm.measure["value"] == pytest.approx(25)
    assert alarm.measure["threshold"] == 10
    second = District.objects.get(city=city, key="4112100")
    assert [link.thing_id for link in alarm.links.all()] == [str(second.pk)]
    assert (alarm.lon, alarm.lat) == (second.lon, second.lat)  # it stands on the map
    assert re.search(r"탄소저장량 감소 \d[\d.]* → \d[\d.]*\stC/ha$", alarm.subject)
    [said] = alarm.timeline.filter(step=Step.RAISED).values_list("text", flat=True)
    assert "25 % 감소; 토지피복지도 날짜 없음(" in said
    page = Client().get("/yard/climate/", headers={"accept-language": "en"}).content.decode()
    assert "Change in tCO" in page

    land = np.ones(yard.GRID.shape, np.uint8)
    land[:, 60:] = 2
    land[0, 0] = 2  # grown again, and one cell more
    yard.bring(city, tmp_path, land, Layer.LAND)
    reckoning.reckon(city.pk)
    alarm.refresh_from_db()
    assert alarm.cleared is not None


def test_the_same_ground_reckoned_with_another_hot_day_leaves_its_alarm_as_it_is(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threshold(city, 10)
    cut(city, tmp_path, 15)
    monkeypatch.setattr(fitting, "day_of", lambda _city: Premises(reference=27.0, urban_heat=2.0))
    reckoning.reckon(city.pk)
    assert Reckoning.objects.filter(city=city, level="dong").count() == 3
    [alarm] = Alarm.objects.filter(city=city)
    assert alarm.cleared is None


def test_nothing_is_raised_without_a_threshold_or_by_other_coefficients(
    city: City, tmp_path: Path
) -> None:
    cut(city, tmp_path, 15)
    threshold(city, 10)
    less = yard.table().replace(b"2,wood,aboveground,10.0", b"2,wood,aboveground,1.0")
    tables.bring(city, "other", less, yard.ACTOR)
    reckoning.reckon(city.pk)
    assert not Alarm.objects.filter(city=city).exists()
    said = [one.title for one in quantities(city.pk, "en") if one.device_kind == "district"]
    assert said == ["District: Fall of carbon storage", "District: Fall of green space"]
