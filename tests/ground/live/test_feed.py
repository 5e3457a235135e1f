"""What the log says finds its way to the thing it is about, whichever came first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import numpy as np

from madang.ground.bus.columns import words
from madang.ground.live import kinds
from madang.ground.live.atlas import Atlas, Chart
from madang.ground.live.feed import Feed
from madang.ground.live.hub import Hub
from madang.ground.live.names import Name
from madang.ground.live.roll import Listed, Roll
from madang.ground.sensing.messages import States

SLEDGES = kinds.Moving("sledges", frozenset({"sledge"}), state="mission", states=("home", "out"))


async def test_a_state_said_before_its_device_was_listed_is_kept(monkeypatch: Any) -> None:
    monkeypatch.setitem(kinds._kinds, "sledges", SLEDGES)
    hub, atlas, roll, asked = Hub(), Atlas(), Roll(), []
    atlas.take({"yard": Chart(uuid4(), cast(Any, None))})
    feed = Feed(hub, atlas, roll, lambda: asked.append(True))
    feed.states(
        States(
            city="yard",
            source="test",
            device=np.array([7], np.int32),
            time=np.array([1000], np.int64),
            name=words(["mission"]),
            value=words(["out"]),
            about=words([""]),
            simulated=np.zeros(1, np.uint8),
        )
    )
    assert asked
    roll.take([Listed("yard", Name(7, "s-7", "S 7", "sledge", True), datetime.now(UTC))])
    feed.listed()
    assert hub.board(("yard", "sledges")).things.state[7] == 1  # "out"
