"""Keeping the record in step with imported observations: each station is a device, its hours are its
history. What was measured over months stays with the data set alone: it is true of no hour."""

from __future__ import annotations

import hashlib
import re

from django.db import connection

from madang.ground.city.models import City, DataSet
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind, withdraw_kind
from madang.ground.sensing.models import Device, DeviceKind, Station
from madang.ground.trail.public import Actor

ACTOR = Actor(name="import")
ORIGIN = "data set"
WEATHER, AIR = "weather_observatory", "air_observatory"
GONE = """
DELETE FROM sensing_hourly h
WHERE h.device = %s AND NOT EXISTS (
    SELECT FROM sensing_observation o, sensing_channel c
    WHERE o.station_id = %s AND o.span = 'hour' AND o.begins = h.hour
      AND c.number = h.channel AND o.measured ? c.key)
"""
KEPT = """
INSERT INTO sensing_hourly AS h (device, channel, hour, value, low, high, readings)
SELECT %s, c.number, o.begins, v.value, v.value, v.value, 1
FROM sensing_observation o JOIN sensing_channel c ON c.kind_id = %s AND o.measured ? c.key,
LATERAL (SELECT (o.measured ->> c.key)::float8 AS value) v
WHERE o.station_id = %s AND o.span = 'hour'
ON CONFLICT (device, channel, hour) DO UPDATE
SET value = excluded.value, low = excluded.low, high = excluded.high, readings = 1
WHERE h.value IS DISTINCT FROM excluded.value
"""


def _channel(
    key: str, ko: str, en: str, ja: str, unit: str, low: float, high: float
) -> ChannelSpec:
    return ChannelSpec(key, {"ko": ko, "en": en, "ja": ja}, unit, low, high)


KINDS: dict[str, KindSpec] = {
    WEATHER: KindSpec(
        WEATHER,
        {"ko": "기상관측 자료", "en": "Weather records", "ja": "気象観測資料"},
        (
            _channel("temperature", "기온", "Air temperature", "気温", "Cel", -60, 60),
            _channel("rainfall", "강수량", "Rainfall in the hour", "降水量", "mm", 0, 500),
            _channel("wind_speed", "풍속", "Wind speed", "風速", "m/s", 0, 100),
            _channel("wind_direction", "풍향", "Wind direction", "風向", "deg", 0, 360),
            _channel("humidity", "습도", "Relative humidity", "湿度", "%", 0, 100),
            _channel("snow_depth", "적설", "Snow depth", "積雪", "cm", 0, 500),
            _channel("pressure", "현지기압", "Air pressure", "現地気圧", "hPa", 800, 1100),
            _channel("solar", "일사", "Solar energy in the hour", "日射量", "MJ/m2", 0, 6),
        ),
        source="지상기상관측지침 (기상청): what instruments can give",
    ),
    AIR: KindSpec(
        AIR,
        {"ko": "대기질 자료", "en": "Air quality records", "ja": "大気質資料"},
        (
            _channel("pm10", "미세먼지", "PM10", "PM10", "ug/m3", 0, 3000),
            _channel("pm25", "초미세먼지", "PM2.5", "PM2.5", "ug/m3", 0, 2000),
            _channel("ozone", "오존", "Ozone", "オゾン", "[ppm]", 0, 1),
            _channel("no2", "이산화질소", "Nitrogen dioxide", "二酸化窒素", "[ppm]", 0, 2),
            _channel("so2", "아황산가스", "Sulphur dioxide", "二酸化硫黄", "[ppm]", 0, 2),
            _channel("co", "일산화탄소", "Carbon monoxide", "一酸化炭素", "[ppm]", 0, 50),
        ),
        source="대기오염측정망 설치·운영지침 (환경부): what instruments can give",
    ),
}


def keep_in_step(data_set: DataSet) -> None:
    """Bring devices and their hourly history to what data_set says now."""
    found = Station.objects.filter(data_set=data_set)
    stations = {device_key(each.kind, each.key): each for each in found}
    devices = _devices(data_set, stations)
    for key, station in stations.items():
        _keep_hours(station, devices[key])
    _withdraw(data_set, stations)


def device_key(kind: str, key: str) -> str:
    """The name among devices of a station of that kind and key: its own where that can be one, else a
    word made from it."""
    plain = key if re.fullmatch(r"[A-Za-z0-9-]{1,30}", key) else ""
    word = plain or hashlib.blake2b(key.encode(), digest_size=5).hexdigest()
    return f"{kind}-{word}"


def data_set_of(device: Device) -> DataSet | None:
    """The data set that the device is a station of, if it is one."""
    named, _, number = device.external_key.rpartition(" ")
    if named != ORIGIN:
        return None
    return DataSet.objects.filter(id=number, city=device.city_id).first()


def _devices(data_set: DataSet, stations: dict[str, Station]) -> dict[str, Device]:
    if not stations:
        return {}
    city = data_set.city
    for kind in {station.kind for station in stations.values()}:
        declare_kind(city, KINDS[kind])
    specs = [_spec(key, station, data_set) for key, station in stations.items()]
    return register_devices(city, specs, ACTOR)


def _spec(key: str, station: Station, data_set: DataSet) -> DeviceSpec:
    return DeviceSpec(
        key,
        station.kind,
        station.name,
        station.lon,
        station.lat,
        organisation=data_set.source[:200],
        external_key=_origin(data_set),
        simulated=data_set.simulated,
    )


def _origin(data_set: DataSet) -> str:
    return f"{ORIGIN} {data_set.id}"


def _keep_hours(station: Station, device: Device) -> None:
    with connection.cursor() as cursor:
        cursor.execute(GONE, [device.number, station.id])
        cursor.execute(KEPT, [device.number, device.kind_id, station.id])


def _withdraw(data_set: DataSet, stations: dict[str, Station]) -> None:
    """Take out devices whose stations went with an undone import, and kinds that nobody is of."""
    city = data_set.city
    gone = Device.objects.filter(city=city, external_key=_origin(data_set)).exclude(
        key__in=stations
    )
    numbers = list(gone.values_list("number", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sensing_hourly WHERE device = ANY(%s)", [numbers])
    gone.delete()
    _withdraw_kinds(city)


def _withdraw_kinds(city: City) -> None:
    for kind in DeviceKind.objects.filter(city=city, key__in=KINDS, devices=None):
        withdraw_kind(kind)
