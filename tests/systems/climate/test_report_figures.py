"""What a report draws: axes that hold every value, and a map that puts things where they are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from madang.systems.climate.engine.units import CO2
from madang.systems.climate.report import plan_map
from madang.systems.climate.report.drawing import STEPS, YearsFigure
from madang.systems.climate.report.plan_map import HEIGHT, WIDTH, Frame, rounded_up

CRS = "EPSG:5186"
TONNES = st.floats(-1e6, 1e6)


@given(st.floats(0, 1e6))
def test_what_is_rounded_up_is_round_and_not_much_more(value: float) -> None:
    found = rounded_up(value)
    assert max(value, 0.001) <= found * (1 + 1e-9)
    assert found <= max(value, 0.001) * 2.5 * (1 + 1e-6)
    assert f"{found:e}"[0] in "125"


@given(st.lists(st.tuples(TONNES, TONNES, TONNES), min_size=1, max_size=40), st.floats(0, 1e6))
def test_an_axis_holds_all_that_is_drawn(
    values: list[tuple[float, float, float]], spent: float
) -> None:
    rows = [
        dict(zip(("low_t", "carbon_t", "high_t"), sorted(each), strict=True), year=year)
        for year, each in enumerate(values)
    ]
    low, step = YearsFigure(rows, spent)._axis()
    seen = [spent * CO2, *(row[name] * CO2 for row in rows for name in ("low_t", "high_t"))]
    assert low - step * 1e-6 <= min(0.0, *seen)
    assert max(seen) <= low + STEPS * step * (1 + 1e-6)


@given(
    st.floats(195_000, 205_000),
    st.floats(515_000, 525_000),
    st.floats(1, 9_000),
    st.floats(1, 9_000),
)
def test_what_is_drawn_lies_within_its_map_with_room_around(
    x: float, y: float, wide: float, high: float
) -> None:
    points = np.array([[x, y], [x + wide, y + high]])
    box, metres = plan_map._framed(points, CRS)
    placed = Frame(box).place(plan_map._mercator(points, CRS))
    room = plan_map.AROUND / metres * WIDTH * 0.9  # the city's north is not quite the map's
    assert (placed > room).all()
    assert (placed < np.array([WIDTH, HEIGHT]) - room).all()
    long = np.hypot(*(placed[1] - placed[0])) / WIDTH * metres
    assert abs(long / np.hypot(wide, high) - 1) < 0.01
    if high > wide / 10:  # the city's grid lies a little askew
        assert placed[1][1] < placed[0][1]  # north is up
