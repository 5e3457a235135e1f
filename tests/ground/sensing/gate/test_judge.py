from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.ground.bus.messages import Batch
from madang.ground.city.projection import to_metres
from madang.ground.sensing.gate.judge import Judge
from madang.ground.sensing.gate.known import Known, KnownChannel, KnownCity
from madang.ground.sensing.gate.said import Said
from madang.ground.sensing.messages import Counts, Positions, Quarantined, Readings, States

NOW = 1_795_132_800_000
LON, LAT = 127.0286, 37.2636
X, Y = to_metres([126.93, 127.12], [37.22, 37.35], "EPSG:5186")
DAY = 86_400_000


def known() -> Known:
    """A bus (1, up to 30 m/s), a gauge (2, stands still) and another bus (3, simulated)."""
    return Known(
        cities={
            "yard": KnownCity(
                "yard", "EPSG:5186", (float(X[0]), float(Y[0]), float(X[1]), float(Y[1]))
            )
        },
        numbers={("yard", "bus-1"): 1, ("yard", "gauge-1"): 2, ("yard", "bus-2"): 3},
        credentials={},
        gateways={},
        channels={
            (1, "water_level"): KnownChannel(7, 0.0, 5.0),
            (1, "cars"): KnownChannel(8, 0, 99),
        },
        kind=np.array([0, 0, 1, 0]),
        simulated=np.array([0, 0, 0, 1], dtype=np.uint8),
        max_speed=np.array([0.0, 30.0, 0.0, 30.0]),
        outside=np.array([0.0, 2000.0, 100.0, 2000.0]),
        oldest=np.full(4, 7 * DAY),
        most_per_minute=np.full(4, 600),
    )


def said(device: str, what: str, *facts: dict[str, Any]) -> Said:
    return Said("yard", device, what, msgspec.msgpack.encode(list(facts)))


def position(**other: Any) -> dict[str, Any]:
    return {"t": NOW, "lon": LON, "lat": LAT, **other}


def only(batches: list[Batch], kind: type[Batch]) -> Any:
    (found,) = [batch for batch in batches if isinstance(batch, kind)]
    return found


def reasons(batches: list[Batch]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for batch in batches:
        if isinstance(batch, Quarantined):
            for reason, facts in zip(batch.reason.rows(), batch.rows.tolist(), strict=True):
                counts[reason] += facts
    return dict(counts)


def test_facts_of_one_kind_become_one_batch() -> None:
    verdict = Judge("gate", known()).judge(
        [
            said("bus-1", "positions", position(speed=8.5, heading=90, accuracy=3)),
            said("bus-2", "positions", position()),
            said("gauge-1", "readings", {"t": NOW, "channel": "water_level", "value": 0.4}),
            said("bus-1", "states", {"t": NOW, "name": "mission", "value": "out", "about": "m1"}),
            said("gauge-1", "counts", {"t": NOW, "channel": "cars", "seconds": 60, "count": 3}),
        ],
        NOW,
    )
    positions = only(verdict.batches, Positions)
    assert positions.device.tolist() == [1, 3]
    assert positions.simulated.tolist() == [0, 1]
    assert positions.speed[0] == 8.5
    assert np.isnan(positions.speed[1])
    assert positions.x[0] == pytest.approx(202536, abs=100)
    assert only(verdict.batches, Readings).channel.tolist() == [7]
    assert only(verdict.batches, States).about.rows() == ["m1"]
    assert only(verdict.batches, Counts).count.tolist() == [3]
    assert (verdict.facts, verdict.refused) == (5, 0)


@pytest.mark.parametrize(
    ("device", "what", "fact", "reason"),
    [
        ("bus-1", "positions", position(lon=float("nan")), "not_a_number"),
        ("bus-1", "positions", position(lat=float("inf")), "not_a_number"),
        ("bus-1", "positions", position(accuracy=float("inf")), "not_a_number"),
        ("bus-1", "positions", position(lon=181.0), "out_of_range"),
        ("bus-1", "positions", position(speed=31.0), "out_of_range"),
        ("bus-1", "positions", position(heading=361.0), "out_of_range"),
        ("bus-1", "positions", position(lon=128.0), "outside_city"),
        ("bus-1", "positions", position(lon=0.0, lat=0.0), "outside_city"),
        ("bus-1", "positions", position(t=NOW + 120_001), "future"),
        ("bus-1", "positions", position(t=NOW - 7 * DAY - 1), "very_old"),
        ("bus-1", "positions", position(t=0), "very_old"),
        ("bus-9", "positions", position(), "unknown_device"),
        ("bus-1", "positions", {"t": NOW}, "malformed"),
        ("bus-1", "thoughts", {"t": NOW}, "malformed"),
        ("gauge-1", "readings", {"t": NOW, "channel": "depth", "value": 1.0}, "unknown_channel"),
        ("bus-1", "readings", {"t": NOW, "channel": "cars", "value": 1.0}, "unknown_channel"),
        (
            "gauge-1",
            "readings",
            {"t": NOW, "channel": "water_level", "value": -0.1},
            "out_of_range",
        ),
        (
            "gauge-1",
            "readings",
            {"t": NOW, "channel": "water_level", "value": float("nan")},
            "not_a_number",
        ),
        (
            "gauge-1",
            "counts",
            {"t": NOW, "channel": "cars", "seconds": 60, "count": 100},
            "out_of_range",
        ),
    ],
)
def test_what_cannot_be_true_is_set_aside_with_its_reason(
    device: str, what: str, fact: dict[str, Any], reason: str
) -> None:
    verdict = Judge("gate", known()).judge([said(device, what, fact)], NOW)
    assert reasons(verdict.batches) == {reason: 1}
    assert verdict.facts == 0
    quarantined = only(verdict.batches, Quarantined)
    assert quarantined.key.rows() == [device]
    assert quarantined.sample.rows()[0]


def test_the_good_facts_of_a_message_are_kept() -> None:
    facts = [position(t=NOW - 1000), position(lon=181.0), position(t=NOW)]
    verdict = Judge("gate", known()).judge([said("bus-1", "positions", *facts)], NOW)
    assert only(verdict.batches, Positions).time.tolist() == [NOW - 1000, NOW]
    assert reasons(verdict.batches) == {"out_of_range": 1}


def test_a_vehicle_cannot_jump_and_is_believed_again_where_it_was() -> None:
    judge = Judge("gate", known())
    judge.judge([said("bus-1", "positions", position())], NOW)
    jump = [
        said("bus-1", "positions", position(t=NOW + 1000, lon=LON + 0.02)),
        said("bus-1", "positions", position(t=NOW + 2000, lon=LON + 0.0002)),
    ]
    verdict = judge.judge(jump, NOW + 2000)
    assert reasons(verdict.batches) == {"too_fast": 1}
    assert only(verdict.batches, Positions).time.tolist() == [NOW + 2000]


def test_late_positions_are_believed_and_do_not_move_the_vehicle_back() -> None:
    judge = Judge("gate", known())
    judge.judge([said("bus-1", "positions", position(t=NOW))], NOW)
    late = said("bus-1", "positions", position(t=NOW - 60_000, lon=LON + 0.02))
    next_one = said("bus-1", "positions", position(t=NOW + 1000))
    verdict = judge.judge([late, next_one], NOW + 1000)
    assert reasons(verdict.batches) == {}
    assert verdict.facts == 2


def test_one_that_says_too_much_is_cut_and_the_others_are_not() -> None:
    judge = Judge("gate", known())
    flood = [said("bus-1", "positions", position(t=NOW - i)) for i in range(2000)]
    verdict = judge.judge([*flood, said("bus-2", "positions", position())], NOW)
    assert reasons(verdict.batches) == {"too_many": 1400}
    assert only(verdict.batches, Positions).device.tolist() == [1] * 600 + [3]
    assert judge.floods.take_flooding() == {1}
    later = judge.judge([said("bus-1", "positions", position(t=NOW + 60_000))], NOW + 60_000)
    assert later.facts == 1


anything = st.one_of(
    st.binary(max_size=60),
    st.builds(
        msgspec.msgpack.encode,
        st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "t": st.integers(-(2**63), 2**63) | st.sampled_from([NOW, NOW - 1]),
                    "lon": st.floats() | st.just(LON),
                    "lat": st.floats() | st.just(LAT),
                    "speed": st.floats(),
                    "channel": st.sampled_from(["water_level", "cars", "x"]),
                    "value": st.floats(),
                    "seconds": st.floats(),
                    "count": st.integers(-5, 200),
                    "name": st.text(max_size=50),
                },
            ),
            max_size=5,
        ),
    ),
)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["bus-1", "bus-2", "gauge-1", "nobody"]),
            st.sampled_from(["positions", "readings", "states", "counts"]),
            anything,
        ),
        max_size=30,
    )
)
def test_every_fact_is_believed_or_set_aside_and_none_twice(
    messages: list[tuple[str, str, bytes]],
) -> None:
    from madang.ground.sensing import wire

    sent = 0
    for device, what, payload in messages:
        try:
            facts = wire.parse(what, payload) if device != "nobody" else [None]
            sent += len(facts)
        except wire.Unreadable:
            sent += wire.how_many(payload)
    verdict = Judge("gate", known()).judge([Said("yard", *m) for m in messages], NOW)
    assert verdict.facts + verdict.refused == sent
    assert sum(reasons(verdict.batches).values()) == verdict.refused
    for batch in verdict.batches:
        for name in batch.columns():
            assert len(getattr(batch, name)) == len(batch)
