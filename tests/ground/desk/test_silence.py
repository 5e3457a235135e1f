"""When silence is one device's, one kind's, or the whole city's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from madang.ground.desk.silence import FEW, MANY, Heard, Silence, look

NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def bus(number: int, ago: timedelta = timedelta(0), kind: str = "bus") -> Heard:
    return Heard(number, kind, NOON - ago, 2 * MINUTE)


def test_who_was_heard_in_time_is_not_silent() -> None:
    assert look([bus(1), bus(2, 2 * MINUTE)], NOON, Silence()) == Silence()


def test_one_that_falls_silent_is_found_and_found_again_until_it_speaks() -> None:
    first = look([bus(1), bus(2, 3 * MINUTE)], NOON, Silence())
    assert first.one == {2}
    assert look([bus(1), bus(2, 9 * MINUTE)], NOON, first).one == {2}
    assert look([bus(1), bus(2)], NOON, first) == Silence()


def test_when_nobody_is_heard_the_fault_is_not_the_devices() -> None:
    before = Silence(one=frozenset({7}))
    found = look([bus(number, 10 * MINUTE) for number in range(100)], NOON, before)
    assert (found.city, found.many, found.one) == (True, {}, {7})


def test_devices_that_speak_seldom_make_no_silent_city() -> None:
    gauge = Heard(1, "gauge", NOON - 9 * MINUTE, 15 * MINUTE)
    assert look([gauge], NOON, Silence()) == Silence()


def test_many_of_a_kind_at_once_are_one_finding() -> None:
    devices = [bus(0), *[bus(number, 3 * MINUTE) for number in range(1, MANY + 1)]]
    found = look([*devices, bus(999, 3 * MINUTE, "gauge")], NOON, Silence())
    assert (found.many, found.one) == ({"bus": MANY}, {999})
    few = [bus(0), *[bus(number, 3 * MINUTE) for number in range(1, FEW + 1)]]
    assert look(few, NOON, found).one == set(range(1, FEW + 1))


def test_who_was_silent_before_stays_a_finding_of_its_own() -> None:
    before = Silence(one=frozenset({1}))
    devices = [bus(0), *[bus(number, 3 * MINUTE) for number in range(1, MANY + 2)]]
    assert look(devices, NOON, before) == Silence(False, {"bus": MANY + 1}, frozenset({1}))


def test_a_city_without_devices_is_not_silent() -> None:
    assert look([], NOON, Silence()) == Silence()
