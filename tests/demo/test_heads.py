"""The head of a turning camera: how it goes where it is told, stops by itself, and what is seen by it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.test_eyes import HOUSE, NOON, ROAD
from madang.demo.eyes.heads import HIGHEST, HOME, LOWEST, Head, Position, centred, eye_of
from madang.demo.eyes.picture import Eye, Painter, Scene, View

EYE = Eye(-5.0, 0.0, 10.0)
shares = st.floats(-1, 1)


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_move_ends_by_itself_and_a_way_where_it_leads() -> None:
    time = Time()
    head = Head(time)
    head.move(Position(1.0, 0.0, 0.5), 1.0)
    time.now = 5.0
    after = head.at()
    assert after.pan == pytest.approx(90 / 170)
    assert after.zoom == pytest.approx(0.25)
    assert not head.moving
    head.go(HOME)
    time.now += 0.1
    assert head.moving
    time.now += 10
    assert head.at() == HOME


@given(st.lists(st.tuples(shares, shares, shares, st.floats(0, 3)), max_size=12))
def test_it_never_looks_beyond_what_it_can(moves: list[tuple[float, float, float, float]]) -> None:
    time = Time()
    head = Head(time)
    for pan, tilt, zoom, span in moves:
        head.move(Position(pan, tilt, zoom), 2.0)
        time.now += span
        assert all(a <= b <= c for a, b, c in zip(LOWEST, head.at(), HIGHEST, strict=True))


def test_what_is_seen_turns_with_it_and_what_is_pressed_comes_into_the_middle() -> None:
    painter = Painter(View(EYE, 320, 180), Scene((ROAD,), (HOUSE,)), "CCTV-1")
    ahead = np.asarray(painter.picture(NOON, (), 0.0), float)
    painter.look(eye_of(EYE, Position(0.5, 0.4, 0.0)))
    aside = np.asarray(painter.picture(NOON, (), 0.0), float)
    painter.look(eye_of(EYE, HOME))
    assert np.abs(aside - ahead).mean() > 5
    assert np.abs(np.asarray(painter.picture(NOON, (), 0.0), float) - ahead).mean() == 0
    painter.look(eye_of(EYE, Position(0.0, 1.0, 1.0)))  # up and near: nothing but sky
    painter.picture(NOON, (), 0.0)

    right = eye_of(EYE, centred(EYE, HOME, 1.0, 0.0))
    assert right.bearing == pytest.approx(EYE.bearing + EYE.angle / 2)
    assert right.tilt == pytest.approx(EYE.tilt)
