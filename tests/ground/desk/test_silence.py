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


def test_a_gateway_that_is_lost_is_one_finding_though_devices_are_missed_one_by_one() -> None:
    """A thousand bells that speak every ten minutes: each is missed at a moment of its own."""
    speak = [MINUTE * 10 * number / 1000 for number in range(1000)]
    found, raised, grouped = Silence(), set[int](), set[str]()
    for look_at in range(0, 1400, 10):
        now = NOON + timedelta(seconds=look_at)
        heard = [Heard(n, "bell", NOON - ago, 2 * MINUTE) for n, ago in enumerate(speak)]
        found = look([*heard, Heard(9999, "bus", now, 2 * MINUTE)], now, found)
        raised |= found.one
        grouped |= found.many.keys()
    assert grouped == {"bell"}
    assert found.many["bell"] == 1000
    assert len(raised) < MANY


def test_old_faults_of_single_devices_do_not_hide_a_new_one() -> None:
    old = [bus(number, timedelta(days=2)) for number in range(1, MANY + 20)]
    before = Silence(one=frozenset(range(1, MANY + 20)))
    found = look([bus(0), *old, bus(900, 3 * MINUTE)], NOON, before)
    assert (found.many, found.one) == ({}, before.one | {900})
