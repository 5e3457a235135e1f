"""Hourly weather (종관기상관측, ASOS) and air quality (대기오염측정망) in the columns of their publishers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from django.utils.translation import gettext_lazy as _

from madang.ground.city.public import (
    Column,
    Reading,
    Recogniser,
    Record,
    Refused,
    Rejected,
    Row,
    Source,
)
from madang.ground.ids import new_id
from madang.ground.sensing.domain.archive import AIR, KINDS, WEATHER
from madang.ground.sensing.models import Observation, Span, Station

TIME = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D{0,2}(\d{1,2})(?::?(\d{2}))?(?::(\d{2}))?")
MONTH = "측정월"
NOWHERE = "city"
MOST_STATIONS = 10_000
KOGL_1 = "공공누리 제1유형 (출처표시)"


@dataclass(frozen=True)
class Series(Recogniser):
    """A row is what one station measured in one hour (or, under 측정월, in one month).

    station_kind is a key of KINDS, whose channels are columns of the same name. Times are the city's;
    an hour 24 is the next day's first.
    """

    station_kind: str = ""
    within: bool = False
    channels: tuple[str, ...] = ()

    def begin(self, reading: Reading) -> None:
        known = Station.objects.filter(city=reading.city, data_set__key=self.source.key)
        reading.kept["ids"] = dict(known.values_list("key", "id"))
        reading.kept["stations"] = set()
        reading.kept["zone"] = ZoneInfo(reading.city.time_zone)
        reading.kept["limits"] = {each.key: each for each in KINDS[self.station_kind].channels}
        if not {"station", "code"} & set(reading.columns):
            reading.notice("no-station")

    def records(self, row: Row) -> Iterable[Record]:
        span = Span.MONTH if row.header("time") == MONTH else Span.HOUR
        begins = _month(row) if span == Span.MONTH else _hour(row)
        measured = {
            key: value for key in self.channels if (value := _measured(row, key)) is not None
        }
        if not measured:
            raise Rejected("not-measured")
        key = row.text("code") or row.text("station") or NOWHERE
        values = {
            "station_id": row.reading.kept["ids"].setdefault(key, new_id()),
            "begins": begins,
            "span": span.value,
            "measured": measured,
        }
        moment = begins.astimezone(UTC).strftime("%Y-%m-%dT%H")
        observation = Record(Observation, f"{key}@{moment}/{span.value}", values)
        return [*self._station(row, key), observation]

    def _station(self, row: Row, key: str) -> list[Record]:
        """The station beside its first row, whose words on its name and place count."""
        if key in row.reading.kept["stations"]:
            return []
        row.reading.kept["stations"].add(key)
        if len(row.reading.kept["stations"]) > MOST_STATIONS:
            raise Refused("too-many-stations", limit=f"{MOST_STATIONS:,}")
        name = row.text("station") or row.text("code") or row.reading.city.name("ko")
        values = {"kind": self.station_kind, "name": name}
        own = row.reading.kept["ids"][key]
        return [Record(Station, key, values, _point(row), derived=True, id=own)]


def _hour(row: Row) -> datetime:
    said = row.needed("time")
    found = TIME.fullmatch(said)
    try:
        if found is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        begins = datetime(year, month, day, tzinfo=row.reading.kept["zone"])
    except ValueError:
        raise Rejected("not-a-time", column=row.header("time"), value=said[:60]) from None
    if minute or second or hour > 24:
        raise Rejected("not-an-hour", column=row.header("time"), value=said[:60])
    row.reading.days.add(begins.date())
    return begins + timedelta(hours=hour)


def _month(row: Row) -> datetime:
    row.needed("time")
    first = row.day("time")
    assert first is not None  # the cell is not empty
    return datetime(first.year, first.month, 1, tzinfo=row.reading.kept["zone"])


def _measured(row: Row, channel: str) -> float | None:
    if channel not in row.reading.columns:
        return None
    value = row.number(channel)
    limits = row.reading.kept["limits"][channel]
    if value is not None and not limits.low <= value <= limits.high:
        raise Rejected("out-of-range", column=row.header(channel), value=row.text(channel)[:60])
    return value


def _point(row: Row) -> Any:
    lon, lat = row.number("lon"), row.number("lat")
    if lon is None or lat is None:
        return None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Rejected("out-of-range", column=row.header("lon"), value=f"{lon}, {lat}"[:60])
    return shapely.Point(lon, lat)


LON = Column("lon", ("lon", "경도", "WGS84경도"))
LAT = Column("lat", ("lat", "위도", "WGS84위도"))

WEATHER_TABLE = Series(
    key="weather-hourly",
    title=_("Hourly weather"),
    source=Source(
        "weather-hourly",
        {"ko": "시간별 기상", "en": "Hourly weather", "ja": "時間別気象"},
        source="기상청 종관기상관측 (data.kma.go.kr)",
        licence=KOGL_1,
        attribution="기상청",
    ),
    needs=(
        Column("time", ("일시", "관측시각", "TM")),
        Column("temperature", ("기온(°C)", "기온(℃)", "기온", "TA")),
        Column("humidity", ("습도(%)", "습도", "HM")),
        Column("wind_speed", ("풍속(m/s)", "풍속", "WS")),
    ),
    may=(
        Column("code", ("지점", "지점번호", "STN")),
        Column("station", ("지점명",)),
        Column("rainfall", ("강수량(mm)", "강수량", "RN")),
        Column("wind_direction", ("풍향(16방위)", "풍향(deg)", "풍향", "WD")),
        Column("snow_depth", ("적설(cm)", "적설")),
        Column("pressure", ("현지기압(hPa)", "현지기압", "PA")),
        Column("solar", ("일사(MJ/m2)", "일사")),
        LON,
        LAT,
    ),
    order=70,
    stable_key="지점 + 일시",
    station_kind=WEATHER,
    channels=tuple(channel.key for channel in KINDS[WEATHER].channels),
)
AIR_TABLE = Series(
    key="air-quality",
    title=_("Air quality by hour or month"),
    source=Source(
        "air-quality",
        {"ko": "대기질", "en": "Air quality", "ja": "大気質"},
        source="한국환경공단 에어코리아 (airkorea.or.kr)",
        licence=KOGL_1,
        attribution="환경부/한국환경공단 에어코리아",
    ),
    needs=(
        Column("time", ("측정일시", "일시", MONTH)),
        Column("station", ("측정소명", "측정소")),
        Column("pm10", ("PM10", "미세먼지(㎍/㎥)", "미세먼지(㎍/m³)", "미세먼지")),
    ),
    may=(
        Column("code", ("측정소코드",)),
        Column("pm25", ("PM25", "PM2.5", "초미세먼지(㎍/㎥)", "초미세먼지(㎍/m³)", "초미세먼지")),
        Column("ozone", ("O3", "오존(ppm)", "오존")),
        Column("no2", ("NO2", "이산화질소(ppm)", "이산화질소")),
        Column("so2", ("SO2", "아황산가스(ppm)", "아황산가스")),
        Column("co", ("CO", "일산화탄소(ppm)", "일산화탄소")),
        LON,
        LAT,
    ),
    order=71,
    stable_key="측정소 + 측정일시",
    station_kind=AIR,
    channels=tuple(channel.key for channel in KINDS[AIR].channels),
)
