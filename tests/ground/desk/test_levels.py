"""Thresholds with severity, duration and hysteresis, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.cases.kinds import Severity
from madang.ground.desk.levels import Ladder, Rung, Watch
from madang.ground.desk.units import OtherUnit, converted

NOON = 1_782_874_800_000


def rung(
    level: float | None = 0.15,
    clear: float | None = 0.10,
    severity: Severity = Severity.CRITICAL,
    since: int = 0,
    hold: float = 0.0,
    above: bool = True,
) -> Rung:
    return Rung(since, severity, "underpass_flooded", level, clear, above, hold)


def verdicts(ladder: Ladder, *values: float, step: float = 1.0) -> list[str | None]:
    """What each reading means, step seconds apart."""
    watch = Watch()
    found = []
    for place, value in enumerate(values):
        verdict = watch.hear(ladder, NOON + round(place * step * 1000), value)
        found.append(verdict and verdict.what)
    return found


def test_at_the_level_it_is_raised_and_at_the_clear_level_it_is_gone() -> None:
    ladder = Ladder([rung()])
    assert verdicts(ladder, 0.0, 0.149, 0.15, 0.2, 0.11, 0.10, 0.0) == [
        None, None, "raise", None, None, "clear", None,
    ]  # fmt: skip


def test_a_reading_that_trembles_at_the_level_raises_once() -> None:
    assert verdicts(Ladder([rung()]), 0.15, 0.14, 0.15, 0.14, 0.15) == ["raise", *[None] * 4]


def test_below_a_level_works_the_other_way_round() -> None:
    ladder = Ladder([rung(level=0.2, clear=0.3, above=False)])
    assert verdicts(ladder, 0.5, 0.2, 0.25, 0.3) == [None, "raise", None, "clear"]


def test_what_must_last_is_raised_when_it_has_lasted() -> None:
    ladder = Ladder([rung(hold=3)])
    assert verdicts(ladder, 0.2, 0.2, 0.2, 0.2) == [None, None, None, "raise"]
    assert verdicts(ladder, 0.2, 0.2, 0.0, 0.2, 0.2, 0.2) == [None] * 6


def test_a_graver_level_raises_again_and_a_lighter_one_does_not() -> None:
    ladder = Ladder([rung(), rung(level=0.05, clear=0.02, severity=Severity.MINOR)])
    assert verdicts(ladder, 0.06, 0.16, 0.06, 0.03, 0.02) == [
        "raise", "raise", None, None, "clear",
    ]  # fmt: skip


def test_a_rung_counts_from_its_day_and_until_the_next() -> None:
    ladder = Ladder([rung(since=NOON + 2000), rung(level=0.5, clear=0.4, since=NOON + 4000)])
    assert verdicts(ladder, 0.2, 0.2, 0.2, 0.2, 0.2) == [None, None, "raise", None, "clear"]


def test_a_rung_that_is_switched_off_clears_what_it_raised() -> None:
    ladder = Ladder([rung(), rung(level=None, clear=None, since=NOON + 2000)])
    assert verdicts(ladder, 0.2, 0.2, 0.2) == ["raise", None, "clear"]


def test_an_older_reading_changes_nothing() -> None:
    watch, ladder = Watch(), Ladder([rung()])
    assert watch.hear(ladder, NOON, 0.0) is None
    assert watch.hear(ladder, NOON - 1, 0.9) is None


@given(values=st.lists(st.floats(0, 0.3), max_size=60), hold=st.sampled_from([0.0, 2.0, 5.0]))
def test_raise_and_clear_alternate_and_each_is_justified(values: list[float], hold: float) -> None:
    ladder = Ladder([rung(hold=hold)])
    watch, raised = Watch(), False
    for place, value in enumerate(values):
        verdict = watch.hear(ladder, NOON + place * 1000, value)
        if verdict is None:
            continue
        assert (verdict.what == "raise") is not raised
        assert value >= 0.15 if verdict.what == "raise" else value <= 0.10
        raised = verdict.what == "raise"


def test_levels_are_brought_into_the_channels_unit() -> None:
    assert converted(15, "cm", "m") == pytest.approx(0.15)
    assert converted(36, "km/h", "m/s") == pytest.approx(10)
    assert converted(5, "Cel", "Cel") == 5
    with pytest.raises(OtherUnit, match="cm"):
        converted(15, "cm", "Cel")
