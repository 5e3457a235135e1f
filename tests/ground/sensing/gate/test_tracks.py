from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.sensing.gate.tracks import SLACK_METRES, Tracks

facts = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(0, 20).map(lambda s: s * 1000),
        st.sampled_from([0.0, 50.0, 500.0, 5000.0]),
    ),
    max_size=40,
)


def slowly(rounds: list[list[tuple[int, int, float]]], speed: float) -> list[bool]:
    """The same verdict, one position at a time."""
    last: dict[int, tuple[int, float]] = {}
    verdict = []
    for device, time, x in (fact for one in rounds for fact in one):
        if device in last and time > last[device][0]:
            seconds = (time - last[device][0]) / 1000
            fine = abs(x - last[device][1]) <= speed * seconds + SLACK_METRES
        else:
            fine = True
        if fine and (device not in last or time > last[device][0]):
            last[device] = (time, x)
        verdict.append(fine)
    return verdict


@given(st.lists(facts, max_size=4))
def test_whole_rounds_are_judged_as_one_by_one(rounds: list[list[tuple[int, int, float]]]) -> None:
    tracks = Tracks()
    verdict: list[bool] = []
    for one in rounds:
        device = np.array([fact[0] for fact in one], dtype=np.int32)
        time = np.array([fact[1] for fact in one], dtype=np.int64)
        x = np.array([fact[2] for fact in one], dtype=np.float64)
        verdict += tracks.believe(
            device, time, x, np.zeros(len(one)), np.full(len(one), 30.0)
        ).tolist()
    assert verdict == slowly(rounds, 30.0)
