"""Figures of the pages of devices in a city with 16,000 of them: list, search, states, one device."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from bench.installation import installation
from bench.report import figure, heading, percentile

DEVICES, ASKED = 16_000, 60
PAGES = {
    "first": "devices/",
    "last_page": f"devices/?page={DEVICES // 50}",
    "search_name": "devices/?q=" + "1234호",
    "search_key": "devices/?q=bell-123",
    "silent": "devices/?state=silent",
    "by_last_heard": "devices/?sort=-heard",
    "health": "devices/health/",
    "quarantine": "devices/quarantine/",
    "one_with_a_day_of_readings": "devices/at/bell-00007/?series=noise&period=24h",
}
READINGS = """
INSERT INTO sensing_reading (device, channel, time, value)
SELECT %(device)s, %(channel)s, now() - make_interval(secs => 10 * n), 40 + n %% 30
FROM generate_series(1, 8640) n
"""
HEALTH = """
INSERT INTO sensing_health (device, heard, spoke, battery, battery_at, facts)
SELECT number, now() - make_interval(mins => number %% 40), now(), (number %% 100) / 100.0, now(), 10
FROM sensing_device
"""
QUARANTINE = """
INSERT INTO sensing_quarantine (id, city_id, device, key, day, what, reason, facts, last)
SELECT gen_random_uuid(), city_id, number, key, current_date - number %% 7, 'readings',
       'out_of_range', 1 + number %% 50, now()
FROM sensing_device WHERE number %% 4 = 0
"""


def main() -> None:
    heading("pages of devices", devices=DEVICES, asked=ASKED)
    with installation():
        keeper = _fill()
        for name, path in PAGES.items():
            spans = _spans(keeper, f"/bench/{path}")
            for share in (0.5, 0.95):
                figure(f"devices.{name}_p{share * 100:.0f}", percentile(spans, share) * 1e3, "ms")


def _spans(client: Any, path: str) -> list[float]:
    spans = []
    for number in range(ASKED + 1):
        began = time.perf_counter()
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        if number:  # the first warms up
            spans.append(time.perf_counter() - began)
    return spans


def _fill() -> Any:
    """A city with its devices, and a signed-in operator of it."""
    from django.db import connection
    from django.test import Client

    from madang.ground.city.models import City
    from madang.ground.people.public import create_account, create_organisation, give_role
    from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
    from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
    from madang.ground.sensing.models import Channel
    from madang.ground.trail.public import Actor

    me = Actor(name="bench")
    city = City.objects.create(key="bench", names={"ko": "측정"}, simulated=True)
    noise = ChannelSpec("noise", {"ko": "소음"}, "dB", 0, 140)
    silence = timedelta(minutes=30)
    declare_kind(city, KindSpec("bell", {"ko": "비상벨"}, [noise], silence_after=silence))
    specs = [
        DeviceSpec(f"bell-{n:05}", "bell", f"안심비상벨 {n}호", 127.0, 37.27)
        for n in range(DEVICES)
    ]
    devices = register_devices(city, specs, me)
    channel = Channel.objects.get(kind__city=city, key="noise")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sensing_make_days(current_date - 2, current_date)")
        words = {"device": devices["bell-00007"].number, "channel": channel.number}
        cursor.execute(READINGS, words)
        cursor.execute(HEALTH.replace("%%", "%"))
        cursor.execute(QUARANTINE.replace("%%", "%"))
        cursor.execute("ANALYZE")
    hall = create_organisation(me, city, "hall", "city", {"ko": "시청"})
    account = create_account(
        me, "kim@bench.example", "관제요원", "보리차 한 잔 더 주세요", demo=True
    )
    give_role(me, account, hall, "operator")
    client = Client()
    client.force_login(account)
    return client


if __name__ == "__main__":
    main()
