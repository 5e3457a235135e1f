from __future__ import annotations

from datetime import UTC, datetime, timedelta

from madang.ground.sensing.queries import Point
from madang.ground.sensing.web.device import with_gaps

BEGIN = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_line_breaks_where_nothing_came() -> None:
    minutes = [0, 1, 2, 30, 31]
    points = [Point(BEGIN + timedelta(minutes=n), n, n, n, 1) for n in minutes]
    rows = [
        ((time - BEGIN).seconds // 60, point and point.value) for time, point in with_gaps(points)
    ]
    assert rows == [(0, 0), (1, 1), (2, 2), (3, None), (30, 30), (31, 31)]
    assert [point for _, point in with_gaps(points[:1])] == points[:1]
    assert with_gaps([]) == []
