"""The kinds of devices of the demo city: what each measures, in which unit, and what can be true of it."""

from __future__ import annotations

from datetime import timedelta

from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec
from madang.systems.traffic.engine.approaches import MOST, WAYS, channel

MADE_UP = "demo city"


def _vehicle(
    key: str, ko: str, en: str, ja: str, fast: float, silence: timedelta, *channels: ChannelSpec
) -> KindSpec:
    names = {"ko": ko, "en": en, "ja": ja}
    return KindSpec(key, names, channels, max_speed=fast, silence_after=silence, source=MADE_UP)


def _gauge(
    key: str, ko: str, en: str, ja: str, silence: timedelta, *channels: ChannelSpec
) -> KindSpec:
    names = {"ko": ko, "en": en, "ja": ja}
    return KindSpec(key, names, channels, silence_after=silence, source=MADE_UP)


def _channel(
    key: str, ko: str, en: str, ja: str, unit: str, low: float, high: float, uncertainty: float
) -> ChannelSpec:
    names = {"ko": ko, "en": en, "ja": ja}
    return ChannelSpec(key, names, unit, low, high, "simulated gauge", uncertainty)


def _turns() -> tuple[ChannelSpec, ...]:
    """What a smart crossing counts: by approach, who turns where."""
    words = {
        "left": ("좌회전", "left", "左折"),
        "through": ("직진", "through", "直進"),
        "right": ("우회전", "right", "右折"),
    }
    return tuple(
        _channel(
            channel(n, way), f"접근로 {n} {words[way][0]}", f"Approach {n} {words[way][1]}",
            f"流入路{n} {words[way][2]}", "1", 0, 2000, 1,
        )
        for n in range(1, MOST + 1)
        for way in WAYS
    )  # fmt: skip


MINUTES, HOUR = timedelta(minutes=5), timedelta(hours=1)

KINDS: tuple[KindSpec, ...] = (
    _vehicle("ambulance", "구급차", "Ambulance", "救急車", 50, MINUTES),
    _vehicle("fire_engine", "소방차", "Fire engine", "消防車", 45, MINUTES),
    _vehicle("command_car", "지휘차", "Command car", "指揮車", 50, MINUTES),
    _vehicle("patrol_car", "순찰차", "Patrol car", "パトカー", 50, MINUTES),
    _vehicle(
        "bus", "시내버스", "City bus", "路線バス", 35, 3 * MINUTES,
        _channel("boarded", "승차", "Got on", "乗車", "1", 0, 200, 1),
        _channel("alighted", "하차", "Got off", "降車", "1", 0, 200, 1),
    ),
    _vehicle("taxi", "택시", "Taxi", "タクシー", 45, 3 * MINUTES),
    _vehicle("service_vehicle", "공무차량", "City vehicle", "公用車", 45, 3 * MINUTES),
    _gauge(
        "weather_station", "기상관측소", "Weather station", "気象観測所", 2 * MINUTES,
        _channel("temperature", "기온", "Air temperature", "気温", "Cel", -40, 50, 0.3),
        _channel("humidity", "상대습도", "Relative humidity", "相対湿度", "%", 0, 100, 3),
        _channel("wind_speed", "풍속", "Wind speed", "風速", "m/s", 0, 60, 0.5),
        _channel("wind_direction", "풍향", "Wind direction", "風向", "deg", 0, 360, 5),
        _channel("rain_rate", "강수강도", "Rain rate", "降水強度", "mm/h", 0, 300, 0.5),
    ),
    _gauge(
        "air_quality_station", "대기측정소", "Air quality station", "大気測定局", HOUR,
        _channel("pm10", "미세먼지", "PM10", "PM10", "ug/m3", 0, 2000, 8),
        _channel("pm25", "초미세먼지", "PM2.5", "PM2.5", "ug/m3", 0, 1000, 5),
        _channel("air_temperature", "기온", "Air temperature", "気温", "Cel", -40, 50, 0.3),
    ),
    _gauge(
        "underpass_gauge", "지하차도 수위계", "Underpass gauge", "アンダーパス水位計", MINUTES,
        _channel("water_depth", "침수심", "Water depth", "冠水深", "cm", 0, 600, 0.5),
    ),
    _gauge(
        "stream_gauge", "하천 수위계", "Stream gauge", "河川水位計", 2 * MINUTES,
        _channel("water_level", "수위", "Water level", "水位", "m", -1, 15, 0.02),
    ),
    _gauge(
        "vehicle_detector", "차량검지기", "Vehicle detector", "車両感知器", MINUTES,
        _channel("vehicles", "교통량", "Vehicles", "交通量", "1", 0, 1000, 1),
        _channel("speed", "속도", "Speed", "速度", "km/h", 0, 160, 3),
        _channel("occupancy", "점유율", "Occupancy", "占有率", "%", 0, 100, 2),
    ),
    _gauge(
        "smart_crossing", "스마트교차로", "Smart crossing", "スマート交差点", 3 * MINUTES, *_turns()
    ),
    _gauge(
        "travel_time_section", "구간검지(DSRC)", "Travel time section (DSRC)", "区間検知（DSRC）",
        3 * MINUTES,
        _channel("travel_time", "구간통행시간", "Travel time", "区間旅行時間", "s", 1, 7200, 5),
        _channel("read", "종점 수집", "Read at the end", "終点での検知", "1", 0, 5000, 1),
        _channel("matched", "매칭", "Matched", "照合", "1", 0, 5000, 1),
    ),
    _gauge(
        "signal_controller", "신호제어기", "Signal controller", "信号制御機", MINUTES,
        _channel("cycle_second", "주기 경과", "Second of the cycle", "周期の経過", "s", 0, 600, 1),
    ),
    _gauge("bell", "안심비상벨", "Emergency bell", "防犯ベル", HOUR),
)  # fmt: skip
