from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.city.models import City
from madang.ground.web.search import MOST_LETTERS, Words


@pytest.fixture
def cities(db: None) -> None:
    for key, name in [
        ("a", "수원 시청"),
        ("b", "수원역"),
        ("c", "화성행궁"),
        ("d", "50% 할인_매장"),
    ]:
        City.objects.create(key=key, time_zone=name)


def found(typed: str) -> list[str]:
    rows = Words(typed).among(City.objects.order_by("key"), "time_zone")
    return [city.time_zone for city in rows]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("수원시청", ["수원 시청"]),
        ("수원 시청", ["수원 시청"]),
        ("시청 수원", ["수원 시청"]),
        ("수원", ["수원 시청", "수원역"]),
        ("ㅅㅇ", ["수원 시청", "수원역"]),
        ("ㅅㅇㅅㅊ", ["수원 시청"]),
        ("수ㅇ역", ["수원역"]),
        ("ㅎㅅㅎㄱ", ["화성행궁"]),
        ("%", ["50% 할인_매장"]),
        ("_", ["50% 할인_매장"]),
        ("없는것", []),
        ("", []),
        ("   ", []),
    ],
)
@pytest.mark.usefixtures("cities")
def test_words_find_names(typed: str, names: list[str]) -> None:
    assert found(typed) == names


@pytest.mark.usefixtures("cities")
@pytest.mark.parametrize("typed", ["(", "[가", "\\", "ㄱ[", "ㄱ\\", "ㄱ(?", "'", "\x01ㄱ"])
def test_signs_of_patterns_are_only_letters(typed: str) -> None:
    assert found(typed) == []


@pytest.mark.parametrize(
    ("typed", "point"),
    [
        ("37.2636, 127.0286", (127.0286, 37.2636)),
        ("127.0286 37.2636", (127.0286, 37.2636)),
        ("37.2636N 127.0286E", (127.0286, 37.2636)),
        ("37°15'36\"N 127°1'30\"E", (127.025, 37.26)),
        ("E127°1′30″, N37°15′36″", (127.025, 37.26)),
        ("37도 15분 36초 127도 1분 30초", (127.025, 37.26)),
        ("37°15.6'S 127°1.5'W", (-127.025, -37.26)),
        ("37°15'36\"N", None),
        ("37,127", None),
        ("137.1, 197.2", None),
        ("031-228-2114", None),
        ("수원", None),
    ],
)
def test_pairs_of_degrees_are_points(typed: str, point: tuple[float, float] | None) -> None:
    assert Words(typed).point == point


def test_numbers_may_have_dashes() -> None:
    assert Words("2025-3740").number == "20253740"
    assert Words("매탄 12").number == ""


def test_the_same_words_rank_before_a_beginning_and_that_before_the_rest() -> None:
    words = Words("수원역")
    ranks = [words.rank(title) for title in ("수원역", "수원역 광장", "신수원역", "서울역")]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0


@given(st.text(max_size=300))
def test_anything_can_be_typed(typed: str) -> None:
    words = Words(typed)
    assert len(words.text) <= MOST_LETTERS * 18  # NFKC makes at most 18 letters of one
    assert 0 <= words.rank("수원역") <= 1
    assert words.point is None or abs(words.point[1]) <= 90
