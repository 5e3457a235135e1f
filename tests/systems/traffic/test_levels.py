"""Levels of service: the table that ships, and tables that cannot be."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from madang.systems.traffic.domain.levels import OWN, LevelsError, read, table

ROWS = '[["A", 15], ["B", 30], ["C", 50], ["D", 70], ["E", 100], ["F", 220], ["FF", 340], ["FFF"]]'


def test_khcm_by_its_limits() -> None:
    known = table(date(2026, 11, 23))
    said = [known.level(delay) for delay in (0, 15, 15.1, 50, 70, 70.5, 100, 220, 340, 341, 9e9)]
    assert said == ["A", "A", "B", "C", "D", "E", "E", "F", "FF", "FFF", "FFF"]
    assert (known.level(None), known.level(float("nan"))) == ("", "")
    assert "도로용량편람" in known.source


def test_the_newest_table_counts_from_its_day_on(tmp_path: Path) -> None:
    later = ROWS.replace("15", "10")
    path = tmp_path / "levels.toml"
    path.write_text(
        OWN.read_text("utf-8")
        + f'\n[[table]]\nsince = 2027-01-01\nsource = "next"\nlevels = {later}\n'
    )
    before, after = read(path)
    assert (before.level(12), after.level(12)) == ("A", "B")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no levels"),
        ("table = []", "no table"),
        ('[[table]]\nsince = 2013-01-01\nsource = "x"\nlevels = [["A", 15]]', "not A, B"),
        (f'[[table]]\nsince = "soon"\nsource = "x"\nlevels = {ROWS}', "since"),
        (
            f'[[table]]\nsince = 2013-01-01\nsource = "x"\nlevels = {ROWS.replace("30", "5")}',
            "do not grow",
        ),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "levels.toml"
    path.write_text(text)
    with pytest.raises(LevelsError, match=said):
        read(path)
