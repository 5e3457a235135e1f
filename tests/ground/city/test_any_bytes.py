"""Whatever bytes come: a refusal and no other error, no half import, every row read is accounted for."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.ground.city.domain.imports import begin, bring
from madang.ground.city.domain.many import steps
from madang.ground.city.export.rejections import rejected_rows
from madang.ground.city.models import City, Import
from madang.ground.city.reading.files import look_into

from .bringing import ACTOR, STOPS, dump, new_city

pytestmark = [pytest.mark.django_db, pytest.mark.one_server]
FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CAMERAS = [
    "관리번호",
    "설치목적구분",
    "카메라대수",
    "WGS84위도",
    "WGS84경도",
    "설치연월",
    "보관일수",
]
HOURS = ["지점", "일시", "기온(°C)", "풍속(m/s)", "습도(%)"]
PEOPLE = ["행정동코드", "인구수", "세대수", "기준연월"]
WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from([
        "", "0", "-1", "1e400", "nan", "37.27", "127.0", "생활방범", "3", "2020-13-45", "0000-00",
        "2020-01-01 24:00", "9999-12-31 24:00", "0001-01-01 0:00", "=1+1", "'=1", "\x00", "\ufeff", '"',
        "99999999999999999999", "41111560", "\ud83d\ude00", "x" * 600, "9" * 400,
    ]),
)  # fmt: skip
NUMBERS = st.one_of(
    st.sampled_from([127.0, 37.27, 0, -1e308, 1e308, 10**30, None, "37", True, [], {}]),
    st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def tables(draw: Any) -> bytes:
    header = draw(st.sampled_from([STOPS, CAMERAS, HOURS, PEOPLE]))
    rows = draw(st.lists(st.lists(WORDS, min_size=len(header), max_size=len(header)), max_size=6))
    lines = [",".join(header), *(",".join(row) for row in rows)]
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp949", "utf-16"]))
    return "\n".join(lines).encode(encoding, "replace")


def shapes(points: Any) -> Any:
    kinds = [
        "Point",
        "LineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
        "Circle",
        None,
        7,
    ]
    return st.one_of(
        st.none(),
        st.fixed_dictionaries({"type": st.sampled_from(kinds), "coordinates": points}),
    )


POINTS = st.recursive(st.lists(NUMBERS, max_size=3), lambda inner: st.lists(inner, max_size=5))
KEYS = st.sampled_from([
    "LINK_ID", "F_NODE", "T_NODE", "ROAD_RANK", "LANES", "MAX_SPD", "NODE_ID", "NODE_TYPE",
    "adm_cd2", "dong", "pop_202608",
])  # fmt: skip
KNOWN = st.sampled_from([
    {"NODE_ID": "1", "NODE_TYPE": "101"},
    {"adm_cd2": "4111156000", "dong": "파장동", "gu": "장안구", "pop_202608": 3},
    {"LINK_ID": "1", "F_NODE": "a", "T_NODE": "b", "ROAD_RANK": "101", "LANES": 1, "MAX_SPD": 0},
])  # fmt: skip


@st.composite
def maps(draw: Any) -> bytes:
    own = draw(KNOWN)
    features = draw(
        st.lists(
            st.fixed_dictionaries({
                "type": st.just("Feature"),
                "properties": st.dictionaries(KEYS, st.one_of(WORDS, NUMBERS), max_size=3).map(
                    lambda more: {**own, **more}
                ),
                "geometry": shapes(POINTS),
            }),
            min_size=1,
            max_size=4,
        )
    )  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@st.composite
def damaged(draw: Any, whole: Any) -> bytes:
    content = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        piece = draw(st.binary(max_size=3))
        content[at : at + draw(st.integers(0, 9))] = piece
    return bytes(content)


def taken(content: bytes) -> None:
    """Import content into a city of its own, look at what is left, and leave nothing."""
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "any"
        path.write_bytes(content)
        city = new_city()
        before = dump()
        for done in _imports(city, path):
            assert done.read == done.new + done.changed + done.same + done.rejected
            assert done.state in ("applied", "refused")
            assert done.rejections.count() == done.rejected
            if done.state == "refused":
                assert dump() == before
            if done.rejected:
                assert b"".join(rejected_rows(done).pieces)
            before = dump()
        transaction.set_rollback(True)


def _imports(city: City, path: Path) -> list[Import]:
    with look_into([path]) as found:
        todo = steps(found)
        assert all(step.sheet or str(step.refused) for step in todo)
        return [
            bring(begin(city, step.sheet, ACTOR), step.sheet, ACTOR)
            for step in todo
            if step.sheet and not step.refused
        ]


@FEW
@given(damaged(tables()))
def test_any_table(content: bytes) -> None:
    taken(content)


@FEW
@given(damaged(maps()))
def test_any_map(content: bytes) -> None:
    taken(content)


@FEW
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    for mark in (b"", b"PK\x03\x04", b"SQLite format 3\x00", b"\x00\x00\x27\x0a", b"<osm>", b"{"):
        taken(mark + content)
