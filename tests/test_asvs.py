"""The checklist of security is whole, and its evidence is there."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATES = {"met", "not met", "not applicable", "by the city"}
# How many requirements of level 1 and 2 each chapter of ASVS 5.0.0 has.
OF_CHAPTER = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13,
    14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip


def rows() -> list[dict[str, str]]:
    with (ROOT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    found = [row["requirement"] for row in rows()]
    assert len(found) == len(set(found))
    assert Counter(int(one.partition(".")[0]) for one in found) == OF_CHAPTER
    assert Counter(row["level"] for row in rows()) == {"1": 70, "2": 183}


def test_what_is_met_has_evidence_and_what_is_not_a_reason() -> None:
    for row in rows():
        assert row["state"] in STATES, row
        assert row["evidence"] if row["state"] == "met" else row["why"], row


def test_the_evidence_is_there() -> None:
    for row in rows():
        for one in filter(None, row["evidence"].split(";")):
            path, _, name = one.partition("::")
            assert (ROOT / path).is_file(), row
            assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), row
