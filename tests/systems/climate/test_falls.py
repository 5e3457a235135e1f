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
from madang.ground.cases import console, neighbourhood
from madang.ground.cases.domain.handling import close
from madang.ground.cases.domain.thresholds import Rule, set_threshold
from madang.ground.cases.kinds import Severity
from madang.ground.cases.models import Alarm, AlarmState, Outcome, Step
from madang.ground.cases.quantities import quantities
from madang.ground.city.models import City, DataSet, District
from madang.ground.city.public import Record, Source, write
from madang.ground.web.console import Asking
from madang.systems.climate.domain import fitting, reckoning, tables
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.models import Layer, Reckoning

STRIP = yard.GRID.columns // 4  # columns of a dong, 150 m


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
    assert re.fullmatch(
        r"마당시 · 탄소저장량 감소: 1개 동에서 −\d+\stC, 최대 2동\(25 % 감소\)", alarm.subject
    )
    [said] = alarm.timeline.filter(step=Step.RAISED).values_list("text", flat=True)
    assert re.search(r"tCO₂\); 토지피복지도 날짜 없음\(", said)
    assert re.search(r"\n2동 \d[\d.]* → \d[\d.]*\stC/ha \(25 % 감소, −\d+\stC\)$", said)
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


@pytest.fixture
def gus(db: None, tmp_path: Path) -> City:
    """Two gu of two dongs each, all of it wooded."""
    here = yard.city(tmp_path)
    records = []
    for gu, west in (("4111", 200_000), ("4113", 200_300)):
        values = {"level": "gu", "names": {"ko": f"{gu}구"}, "parent_key": None}
        records.append(
            Record(District, gu, values, yard.box(here, west, 519_600, west + 300, 520_000))
        )
        for number, edge in ((1, west), (2, west + 150)):
            values = {"level": "dong", "names": {"ko": f"{gu}-{number}동"}, "parent_key": gu}
            shape = yard.box(here, edge, 519_600, edge + 150, 520_000)
            records.append(Record(District, f"{gu}{number}00", values, shape))
    write(here, Source("outlines", {"ko": "경계"}), records, yard.ACTOR)
    cover(here, tmp_path, 0, 0, 0, 0)
    Reckoning.objects.filter(city=here).update(made=timezone.now() - timedelta(days=1))
    return here


def cover(city: City, folder: Path, *paved: int) -> None:
    """A land cover with so many paved columns in each of the four dongs, from west to east."""
    land = np.full(yard.GRID.shape, 2, np.uint8)
    for dong, columns in enumerate(paved):
        land[:, dong * STRIP : dong * STRIP + columns] = 1
    yard.bring(city, folder, land, Layer.LAND)
    reckoning.reckon(city.pk)


def alarms(city: City) -> list[Alarm]:
    return list(Alarm.objects.filter(city=city).order_by("cause", "raised"))


def test_one_alarm_of_a_gu_names_its_dongs_the_worst_first(gus: City, tmp_path: Path) -> None:
    threshold(gus, 10)
    cover(gus, tmp_path, 6, 15, 9, 0)  # 20, 50 and 30 % of a dong
    west, east = alarms(gus)
    assert [west.district, east.district] == ["4111", "4113"]
    assert [link.label for link in west.links.order_by("time")] == ["4111-2동", "4111-1동"]
    assert "2개 동에서" in west.subject
    assert "4111-2동(50 % 감소)" in west.subject
    said = west.timeline.get(step=Step.RAISED).text.splitlines()
    assert [line.split()[0] for line in said[1:]] == ["4111-2동", "4111-1동"]
    assert west.measure is not None
    assert west.measure["value"] == pytest.approx(50)
    about = {link.thing_id for link in west.links.all()}
    shown = console.alarm(Asking(gus, None, "ko", lambda _right: True), "alarm", str(west.pk))
    assert shown is not None
    assert set(shown.districts) == about  # the map shows them
    drawn = neighbourhood.of_districts(gus, list(about), "ko")
    assert drawn is not None
    assert [stroke.look for stroke in drawn.strokes].count("chosen") == 2
    assert {name.text for name in drawn.names} == {"4111-1동", "4111-2동"}
    reckoning.reckon(gus.pk)  # a second look at the same ground
    assert [(one.repeats, one.version) for one in alarms(gus)] == [
        (0, west.version),
        (0, east.version),
    ]

    cover(gus, tmp_path, 6, 15, 9, 18)  # one dong more
    now_west, now_east = alarms(gus)
    assert now_west.version == west.version
    assert "2개 동에서" in now_east.subject
    assert {link.label for link in now_east.links.all()} == {"4113-1동", "4113-2동"}
    assert now_east.timeline.filter(step=Step.NOTED, text__contains="4113-2동").exists()


def test_an_alarm_stays_until_its_own_dong_is_back(gus: City, tmp_path: Path) -> None:
    threshold(gus, 10)
    cover(gus, tmp_path, 15, 0, 0, 0)
    cover(gus, tmp_path, 15, 1, 1, 0)  # something else changed, in the same gu and in the other
    [alarm] = alarms(gus)
    assert alarm.cleared is None
    cover(gus, tmp_path, 3, 1, 1, 0)  # back below what raises it, not below what clears it
    alarm.refresh_from_db()
    assert alarm.cleared is None
    cover(gus, tmp_path, 1, 1, 1, 0)
    alarm.refresh_from_db()
    assert alarm.cleared is not None
    assert "회복" in alarm.timeline.get(step=Step.CLEARED).text
    cover(gus, tmp_path, 16, 1, 1, 0)
    alarm.refresh_from_db()
    assert alarm.cleared is None  # it fell again


def test_an_older_land_cover_brought_later_clears_nothing(gus: City, tmp_path: Path) -> None:
    threshold(gus, 10)
    cover(gus, tmp_path, 15, 0, 0, 0)
    for row in Reckoning.objects.filter(city=gus):
        Reckoning.objects.filter(pk=row.pk).update(inputs={**row.inputs, "land_day": "2026-05-01"})
    land = np.full(yard.GRID.shape, 2, np.uint8)
    land[0, 0] = 1
    yard.bring(gus, tmp_path, land, Layer.LAND)
    DataSet.objects.filter(city=gus, key="climate-land").update(as_of="2020-05-01")
    reckoning.reckon(gus.pk)
    [alarm] = alarms(gus)
    assert alarm.cleared is None


def test_what_a_person_closed_is_not_raised_again_by_the_same_ground(
    gus: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threshold(gus, 10)
    cover(gus, tmp_path, 15, 0, 0, 0)
    [alarm] = alarms(gus)
    close(yard.ACTOR, gus.pk, alarm.pk, Outcome.TRUE)
    monkeypatch.setattr(fitting, "day_of", lambda _city: Premises(reference=27.0, urban_heat=2.0))
    reckoning.reckon(gus.pk)
    cover(gus, tmp_path, 15, 1, 0, 0)
    assert [one.state for one in alarms(gus)] == [AlarmState.CLOSED]
    cover(gus, tmp_path, 20, 1, 0, 0)  # a third of what was left
    assert [one.state for one in alarms(gus)] == [AlarmState.CLOSED, AlarmState.OPEN]
