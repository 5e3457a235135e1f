"""Hourly weather and air quality through the city's importer: counted, updated, rejected, undone."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.ground.city.bringing import (
    ACTOR,
    begin,
    bring,
    bring_file,
    counts,
    dump,
    new_city,
    plan,
)

from fixtures.people import add_factor
from madang.ground.city.domain.imports import never
from madang.ground.city.domain.undo import undo
from madang.ground.city.models import City, DataSet, Import
from madang.ground.city.reasons import Refused, say
from madang.ground.people.models import Account
from madang.ground.sensing.domain.history import write_history
from madang.ground.sensing.models import Device, DeviceKind, Observation, Station
from madang.ground.sensing.observed import months, stations

pytestmark = pytest.mark.django_db
WEATHER = ["지점", "지점명", "일시", "기온(°C)", "강수량(mm)", "풍속(m/s)", "습도(%)"]
MORNING = [
    ["119", "수원", "2020-01-01 0:00", "-6", "", "1.5", "64"],
    ["119", "수원", "2020-01-01 1:00", "-6.3", "0", "2.4", "70"],
]
AIR = ["측정일시", "측정소코드", "측정소명", "PM10", "PM2.5", "lon", "lat"]
Hours = list[tuple[str, str, datetime, float]]


@pytest.fixture
def city() -> City:
    return new_city()


def table(folder: Path, header: list[str], rows: Iterable[list[Any]]) -> Path:
    path = folder / "any name.dat"
    with path.open("w", encoding="cp949", errors="replace", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def hours() -> Hours:
    """The record's hours: device, channel, hour, value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.key, c.key, h.hour, h.value FROM sensing_hourly h"
            " JOIN sensing_device d ON d.number = h.device"
            " JOIN sensing_channel c ON c.number = h.channel ORDER BY 1, 2, 3"
        )
        return list(cursor.fetchall())


def test_weather_becomes_the_history_of_a_device(city: City, tmp_path: Path) -> None:
    done = bring_file(city, table(tmp_path, WEATHER, MORNING))
    assert counts(done) == (2, 2, 0, 0, 0)
    device = Device.objects.get()
    assert (device.name, device.kind.key, device.credential_hash) == (
        "수원",
        "weather_observatory",
        None,
    )
    midnight, one = datetime(2019, 12, 31, 15, tzinfo=UTC), datetime(2019, 12, 31, 16, tzinfo=UTC)
    values = {(channel, hour): value for _, channel, hour, value in hours()}
    assert values["temperature", midnight] == -6
    assert values["rainfall", one] == 0
    assert ("rainfall", midnight) not in values  # an empty cell is unknown and not 0
    assert done.data_set is not None
    assert done.data_set.attribution == "기상청"


def test_the_same_again_changes_nothing_and_a_correction_is_shown_then_made(
    city: City, tmp_path: Path
) -> None:
    path = table(tmp_path, WEATHER, MORNING)
    bring_file(city, path)
    before, record = dump(), hours()
    again = bring_file(city, path)
    assert counts(again) == (2, 0, 0, 2, 0)
    assert (dump(), hours()) == (before, record)

    corrected = table(tmp_path, WEATHER, [MORNING[0], [*MORNING[1][:3], "-9", "", "2.4", "70"]])
    [step] = plan(corrected)
    assert step.sheet is not None
    shown = bring(begin(city, step.sheet, ACTOR), step.sheet, ACTOR, decide=never)
    assert counts(shown) == (2, 0, 1, 1, 0)
    assert shown.preview[0]["before"]["measured"]["temperature"] == -6.3
    assert hours() == record  # only shown

    changed = bring_file(city, corrected)
    assert counts(changed) == (2, 0, 1, 1, 0)
    now = {(channel, hour.hour): value for _, channel, hour, value in hours()}
    assert now["temperature", 16] == -9
    assert ("rainfall", 16) not in now
    undo(changed, ACTOR)
    assert hours() == record


def test_undo_leaves_no_device_and_no_hour(city: City, tmp_path: Path) -> None:
    empty = dump()
    done = bring_file(city, table(tmp_path, WEATHER, MORNING))
    undo(done, ACTOR)
    assert dump() == empty
    assert hours() == []
    assert not Device.objects.exists()
    assert not DeviceKind.objects.exists()
    assert not DataSet.objects.exists()


def test_what_later_hours_stand_on_is_not_taken_back(city: City, tmp_path: Path) -> None:
    first = bring_file(city, table(tmp_path, WEATHER, MORNING[:1]))
    bring_file(city, table(tmp_path, WEATHER, MORNING[1:]))
    with pytest.raises(Refused) as refused:
        undo(first, ACTOR)  # the second stands on the station that the first brought
    assert refused.value.code == "stood-on"
    assert Import.objects.filter(state="applied").count() == 2
    assert len(hours()) == 7


def test_other_devices_keep_their_history(city: City, tmp_path: Path) -> None:
    done = bring_file(city, table(tmp_path, WEATHER, MORNING))
    device = Device.objects.get()
    other = Device.objects.create(city=city, kind=device.kind, key="other", name="other")
    write_history(other, "temperature", [(datetime(2020, 1, 1, tzinfo=UTC), 1.0)])
    undo(done, ACTOR)
    assert [row[0] for row in hours()] == ["other"]


def test_dirty_rows_are_rejected_with_their_reason(city: City, tmp_path: Path) -> None:
    rows = [
        MORNING[0],
        ["119", "수원", "2020-01-01 0:00", "-7", "", "1", "60"],
        ["119", "수원", "2020-01-01 02:30", "-7", "", "1", "60"],
        ["119", "수원", "someday", "-7", "", "1", "60"],
        ["119", "수원", "2020-01-01 25:00", "-7", "", "1", "60"],
        ["119", "수원", "2020-01-01 4:00", "", "-", "", ""],
        ["119", "수원", "2020-01-01 5:00", "999", "", "1", "60"],
        ["119", "수원", "2020-01-01 6:00", "cold", "", "1", "60"],
    ]
    done = bring_file(city, table(tmp_path, WEATHER, rows))
    assert counts(done) == (8, 1, 0, 0, 7)
    found = {each.number: each.reason for each in done.rejections.all()}
    assert [found[number] for number in sorted(found)] == [
        "repeated",
        "not-an-hour",
        "not-a-time",
        "not-an-hour",
        "not-measured",
        "out-of-range",
        "not-a-number",
    ]
    for each in done.rejections.all():
        assert say(each.reason, each.figures)
    assert len(hours()) == 3


def test_air_by_the_hour_with_its_hour_24(city: City, tmp_path: Path) -> None:
    rows = [
        ["2020010123", "131111", "신풍동", "40", "20", "127.010465", "37.28385"],
        ["2020010124", "131111", "신풍동", "41", "", "127.010465", "37.28385"],
    ]
    assert counts(bring_file(city, table(tmp_path, AIR, rows))) == (2, 2, 0, 0, 0)
    device = Device.objects.get()
    assert (device.key, device.lon) == ("air_observatory-131111", 127.010465)
    assert device.x is not None
    assert [(channel, hour.hour) for _, channel, hour, _ in hours()] == [
        ("pm10", 14),
        ("pm10", 15),
        ("pm25", 14),
    ]


def test_air_by_the_month_is_true_of_no_hour(city: City, tmp_path: Path) -> None:
    header = ["측정월", "측정소", "미세먼지(㎍/㎥)", "초미세먼지(㎍/㎥)"]
    rows = [["2019.1월", "고색동", "62", "41"], ["2019.2월", "고색동", "-", "-"]]
    path = tmp_path / "months.csv"
    path.write_text("\n".join(",".join(row) for row in [header, *rows]), encoding="utf-8-sig")
    done = bring_file(city, path)
    assert counts(done) == (2, 1, 0, 0, 1)
    [observation] = Observation.objects.all()
    assert (observation.span, observation.measured) == ("month", {"pm10": 62, "pm25": 41})
    assert observation.begins == datetime(2018, 12, 31, 15, tzinfo=UTC)
    assert hours() == []
    assert Station.objects.get().name == "고색동"


def test_months_are_shown_on_the_page_of_their_data_set(city: City, tmp_path: Path) -> None:
    rows = [["2020-01", "신풍동", "41"], ["2020-02", "신풍동", "37.5"], ["2020-01", "영통동", "40"]]
    bring_file(city, table(tmp_path, ["측정월", "측정소", "미세먼지"], rows))
    account = Account.objects.create_user("a@example.org", "password", name="A", steward=True)
    add_factor(account)
    client = Client(headers={"accept-language": "en"})
    client.force_login(account)
    page = client.get("/yard/data/sets/air-quality/").content.decode()
    assert "2 months" in page
    assert '<th scope="row">2020-02</th><td class="number" data-value="37.5">' in page
    device = Device.objects.get(name="신풍동")
    assert f"/yard/devices/at/{device.key}/" in page
    about = client.get(f"/yard/devices/at/{device.key}/").content.decode()
    assert "/yard/data/sets/air-quality/" in about
    assert "data-value" not in Client().get("/yard/data/sets/air-quality/").content.decode()


def test_hours_are_shown_by_the_month_and_rain_is_added_up(city: City, tmp_path: Path) -> None:
    rows = [
        ["119", "수원", f"2020-01-0{day} {hour}:00", str(day), "0.5", "1", "64"]
        for day in (1, 2)
        for hour in (0, 12)
    ]
    bring_file(city, table(tmp_path, WEATHER, rows))
    [kept] = stations(DataSet.objects.get())
    assert (kept.span, kept.count) == ("hour", 4)
    [january] = months(kept, "temperature", "Asia/Seoul")
    assert (january.mean, january.low, january.high) == (1.5, 1, 2)
    assert [month.total for month in months(kept, "rainfall", "Asia/Seoul")] == [2]
    [first, _] = months(kept, "rainfall", "UTC")  # the first hour is December's there
    assert first.total == 0.5
