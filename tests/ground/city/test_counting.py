"""For any dirty table: counts add up, again is the same, and undo is before."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.ground.city.domain.undo import undo
from madang.ground.city.models import Import, Place

from .bringing import ACTOR, bring_file, counts, dump, new_city, stops_file, with_district

pytestmark = [pytest.mark.django_db, pytest.mark.one_server]

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
degrees = st.one_of(
    st.floats(126.9, 127.1).map(str), st.sampled_from(["", "0", "x", "nan", "1e400", "200", "37"])
)
rows = st.lists(st.tuples(st.sampled_from("abcdefg"), words, degrees, degrees), max_size=12)
quiet = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
GOOD = [(f"good {i}", "끝", "127.0", "37.27") for i in range(15)]


@given(first=rows, second=rows)
@quiet
def test_every_row_is_accounted_for_and_undone(first: list[Any], second: list[Any]) -> None:
    with transaction.atomic(), tempfile.TemporaryDirectory() as name:
        city, folder = with_district(new_city()), Path(name)
        before = dump()
        one = bring_file(city, stops_file(folder, [*first, *GOOD]))
        _adds_up(one, len(first) + len(GOOD))
        middle = dump()

        again = bring_file(city, stops_file(folder, [*first, *GOOD]))
        assert (again.new, again.changed) == (0, 0)
        assert again.same == one.new
        assert dump() == middle

        two = bring_file(city, stops_file(folder, [*second, *GOOD]))
        _adds_up(two, len(second) + len(GOOD))
        assert Place.objects.count() == one.new + two.new

        for brought, state in ((two, middle), (one, before)):
            undo(brought, ACTOR)
            assert dump() == state
        transaction.set_rollback(True)


def _adds_up(done: Import, rows: int) -> None:
    read, *parts = counts(done)
    assert done.state == "applied", done.problem
    assert read == rows == sum(parts)
    assert done.rejections.count() == done.rejected


def test_a_changed_row_keeps_its_identity(tmp_path: Path) -> None:
    city = new_city()
    bring_file(city, stops_file(tmp_path, [("a", "옛 이름", *map(str, (127.0, 37.27)))]))
    before = Place.objects.get()
    done = bring_file(city, stops_file(tmp_path, [("a", "새 이름", "127.001", "37.27")]))
    after = Place.objects.get()
    assert counts(done) == (1, 0, 1, 0, 0)
    assert (before.id, after.name, after.lon) == (after.id, "새 이름", 127.001)
    [change] = done.preview
    assert change["key"] == "a"
    assert (change["before"]["name"], change["after"]["name"]) == ("옛 이름", "새 이름")


def test_rows_missing_from_a_later_file_stay_and_are_said(tmp_path: Path) -> None:
    city = new_city()
    two = [("a", "가", "127.0", "37.27"), ("b", "나", "127.0", "37.27")]
    bring_file(city, stops_file(tmp_path, two))
    done = bring_file(city, stops_file(tmp_path, two[:1]))
    assert {"code": "not-in-file", "count": 1} in done.notes
    assert Place.objects.count() == 2
