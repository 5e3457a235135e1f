from __future__ import annotations

import pytest

from fixtures.wire import NOON
from madang.ground.live import kinds
from madang.ground.live.hub import Hub
from madang.ground.live.kinds import Moving, Recorded
from madang.ground.sensing.messages import States


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub that knows the kinds of fixtures.wire."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register(Moving("test_buses"))
    kinds.register(Recorded("test_news", States, lambda message: message))
    return Hub(lambda: NOON)
