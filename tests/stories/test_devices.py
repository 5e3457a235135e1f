"""Whoever looks after 16,000 devices finds one, sees how it is, and gives it a credential."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from fixtures.browser import Site, Visitor, barriers, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from madang.ground.city.models import City

pytestmark = [pytest.mark.browser, pytest.mark.story]
COUNT = 16_000
SEOUL = ZoneInfo("Asia/Seoul")
GAUGE = "gauge-00007"


@pytest.fixture(scope="module")
def keeper(site: Site) -> dict[str, str]:
    """The cookies of an administrator of a city with 16,000 devices; beside it lies one with none."""
    with site.django():
        from fixtures.people import make_person
        from madang.ground.city.models import City
        from madang.ground.people.public import create_organisation, give_role
        from madang.ground.trail.public import Actor

        me = Actor(name="test")
        city = City.objects.create(key="busy", names={"ko": "마당시"}, simulated=True)
        _settle(city, me)
        hall = create_organisation(me, city, "hall", "city", {"ko": "시청"})
        empty = City.objects.create(key="bare", names={"ko": "고요시"}, simulated=True)
        keeper = make_person("administrator", hall)
        give_role(
            me,
            keeper,
            create_organisation(me, empty, "hall", "city", {"ko": "시청"}),
            "administrator",
        )
        return sign_in(keeper)


def _settle(city: City, me: Any) -> None:
    from madang.ground.sensing.domain.devices import DeviceSpec, register_devices, withdraw
    from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind

    levels = [ChannelSpec("water_level", {"ko": "수위", "en": "Water level"}, "m", 0, 10)]
    minutes = timedelta(minutes=10)
    declare_kind(city, KindSpec("cable_car", {"ko": "케이블카"}, max_speed=30))
    declare_kind(
        city, KindSpec("gauge", {"ko": "수위계", "en": "Gauge"}, levels, silence_after=minutes)
    )
    specs = [
        DeviceSpec(f"gauge-{n:05}", "gauge", f"광교천 {n}호 수위계", 127.03, 37.26, "광교천", "하천과",
                   simulated=True)
        for n in range(COUNT)
    ]  # fmt: skip
    devices = register_devices(city, specs, me)
    withdraw(devices["gauge-00003"], "홍수로 유실", me)
    _hear([one.number for one in devices.values()][: COUNT - 500])
    _measure(city, devices[GAUGE].number)


def _hear(numbers: list[int]) -> None:
    from django.utils import timezone

    from madang.ground.sensing.models import Health

    now = timezone.now()
    Health.objects.bulk_create(
        (
            Health(
                device_id=number,
                heard=now - timedelta(hours=1 if number % 97 == 0 else 0),
                spoke=now,
                battery=(number % 100 + 5) / 105,
                battery_at=now,
                facts=number * 10,
            )
            for number in numbers
        ),
        batch_size=4000,
    )


def _measure(city: City, number: int) -> None:
    """Four hours of water level with a gap, a state, and what was not believed."""
    import math

    from django.db import connection
    from django.utils import timezone

    from madang.ground.sensing.models import Channel, Quarantine, QuarantineSample

    now = timezone.now()
    channel = Channel.objects.get(kind__city=city, kind__key="gauge", key="water_level")
    rows = [
        (number, channel.number, now - timedelta(minutes=n), 0.4 + 0.2 * math.sin(n / 30))
        for n in range(240)
        if not 100 < n < 130
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sensing_make_days(%s, %s)", [rows[-1][2].date(), now.date()])
        cursor.executemany("INSERT INTO sensing_reading VALUES (%s, %s, %s, %s)", rows)
        cursor.execute(
            "INSERT INTO sensing_state (device, time, name, value, about) VALUES (%s, %s, %s, %s, '')",
            [number, now, "cover", "open"],
        )
    reasons = [("out_of_range", 3), ("denied", 12), ("future", 1)]
    for reason, facts in reasons:
        words = {"city": city, "key": GAUGE, "what": "readings", "reason": reason}
        Quarantine.objects.create(
            **words, device_id=number, day=timezone.localdate(now, SEOUL), facts=facts, last=now
        )
        QuarantineSample.objects.create(
            **words, time=now, text='{"t":1795132800000,"channel":"water_level","value":99.0}'
        )


LOOKS = [("light", 1280, "ko"), ("dark", 1280, "en"), ("light", 360, "ko")]


@pytest.mark.parametrize(("theme", "width", "language"), LOOKS)
def test_the_pages_of_devices(
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    keeper: dict[str, str],
    theme: str,
    width: int,
    language: str,
) -> None:
    # What is on them is read at the desk; dark and on the phone the one with everything stands for all.
    pages = {
        "list": "/busy/devices/",
        "health": "/busy/devices/health/",
        "quarantine": "/busy/devices/quarantine/",
        "one": f"/busy/devices/at/{GAUGE}/?period=3h",
    }
    for name, path in pages.items():
        page = visit(path, cookies=keeper, theme=theme, width=width, language=language)
        shoot(page, f"devices-{name}-{theme}-{width}")
        assert barriers(page) == []
        page.close()


def test_one_of_16000_is_found_and_gets_a_credential(
    visit: Visitor, shoot: Callable[[Page, str], Path], keeper: dict[str, str]
) -> None:
    page = visit("/busy/devices/", cookies=keeper)
    page.locator("[name=q]").fill(GAUGE)
    page.locator("[name=q]").press("Enter")
    page.get_by_role("link", name=GAUGE).click()
    page.locator("figure.chart td[data-value]").first.wait_for(state="attached")
    page.locator("form[action$='/credential/'] button").click()
    secret = page.locator(".secret").inner_text()
    assert len(secret) == 43
    shoot(page, "devices-credential")
    assert barriers(page) == []
    page.goto(page.url.replace("/credential/", "/"))
    assert secret not in page.content()


def test_a_city_without_devices_says_so(
    visit: Visitor, shoot: Callable[[Page, str], Path], keeper: dict[str, str]
) -> None:
    for name in ("", "health/", "quarantine/"):
        page = visit(f"/bare/devices/{name}", cookies=keeper)
        assert page.locator(".blank").count()
        shoot(page, f"devices-none-{name.strip('/') or 'list'}")
        assert barriers(page) == []
