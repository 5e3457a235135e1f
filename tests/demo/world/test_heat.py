"""The world's thermometers stand in the city's own heat: warm where it is dense, by day and by night."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fixtures import surfaces as yard
from madang.demo.devices.gauges import Gauges
from madang.demo.world.heat import Sky, Warmth, added, of_stations, sky
from madang.demo.world.street import Links
from madang.demo.world.weather import Weather
from madang.demo.world.world import Setting, Thing, World
from madang.ground.city.public import make_city

SUWON = Sky(127.0, 37.27)
NOON, MIDNIGHT = 1_795_143_600.0, 1_795_143_600.0 + 12 * 3600  # 12:00 and 24:00 in Korea
SPOTS = [
    Thing("paved", "weather_station", 200_050.0, 519_800.0),
    Thing("wood", "weather_station", 200_550.0, 519_800.0),
    Thing("outside", "weather_station", 201_900.0, 519_800.0),
]


def weather(**words: float) -> Weather:
    return Weather(np.random.default_rng(1), **words)  # type: ignore[arg-type]


def test_the_sun_and_the_weather_say_how_much_the_city_adds() -> None:
    assert (SUWON.light(NOON), SUWON.light(MIDNIGHT)) == (1, 0)
    here = Warmth(day=0.8, night=0.5, off=0.1)
    calm = weather(wind=1.0)
    assert added(here, 1, calm) == pytest.approx(0.8 * 3.5 + 0.1)
    assert added(here, 0, calm) == pytest.approx(0.5 * 4.0 + 0.1)
    assert 0.1 < added(here, 1, weather(wind=8.0)) < added(here, 1, calm)
    assert added(here, 1, weather(wind=1.0, rain=5.0)) < added(here, 1, calm) / 2


@pytest.mark.django_db
def test_the_citys_own_surfaces_make_it_warm_where_it_is_paved(tmp_path: Path) -> None:
    city = yard.city(tmp_path)
    found = of_stations(city, SPOTS, 1)
    assert set(found) == {"paved", "wood"}
    assert found["paved"].day > found["wood"].day + 0.1
    assert found["paved"].night > found["wood"].night + 0.1
    assert all(0 <= share <= 1 for one in found.values() for share in (one.day, one.night))
    assert sky(city) is not None
    bare = make_city("bare", {"ko": "빈도시"}, yard.ACTOR)
    assert of_stations(bare, SPOTS, 1) == {}
    assert sky(bare) is None


def test_stations_say_the_air_where_they_stand_and_air_stations_only_where_it_is_known() -> None:
    gauges = [*SPOTS[:2], Thing("air", "air_quality_station", 0.0, 0.0),
              Thing("older", "air_quality_station", 0.0, 0.0)]  # fmt: skip
    warmth = {
        "paved": Warmth(0.9, 0.9, 0.0),
        "wood": Warmth(0.2, 0.1, 0.0),
        "air": Warmth(0.8, 0.8, 0.0),
    }
    line = np.array([[0.0, 0.0], [500.0, 0.0]])
    links = Links(["a", "b"], ["b", "a"], [line, line[::-1]], np.full(2, 10.0), np.full(2, 1.0),
                  np.zeros(2, bool))  # fmt: skip
    setting = Setting(links=links, emergency=[], others=[], gauges=gauges, hospitals=[],
                      warmth=warmth, sky=SUWON)  # fmt: skip
    world = World(setting, 1, NOON)
    said: dict[str, dict[str, float]] = {}
    looking = Gauges(world, 1)
    for _ in range(400):
        world.step(world.now + 1)
        for message in looking.look():
            said[message.device] = {fact["channel"]: fact["value"] for fact in message.facts}
    assert said["paved"]["temperature"] > said["wood"]["temperature"] + 0.5
    assert said["air"]["air_temperature"] > said["wood"]["temperature"]
    assert set(said["older"]) == {"pm10", "pm25"}
