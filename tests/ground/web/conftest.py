from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from madang.ground.city.models import City
    from madang.ground.web.registry import System


@pytest.fixture
def suwon(db: None) -> City:
    from madang.ground.city.models import City

    return City.objects.create(key="suwon", names={"ko": "수원시", "en": "Suwon", "ja": "水原市"})


@pytest.fixture
def demo(db: None) -> City:
    from madang.ground.city.models import City

    return City.objects.create(key="demo", names={"ko": "마당시", "en": "Madang"}, simulated=True)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    """A system registered for one test, alone; its first page is the home page."""
    from madang.ground.measure import Measure
    from madang.ground.web import registry

    figures = (
        registry.Figure("가로등", Measure(value=12345, unit="1", provenance="reported")),
        registry.Figure("전력", Measure(value=None, unit="kW")),
    )
    made = registry.System(
        key="lamps",
        title="가로등",
        summary="가로등의 상태와 밝기",
        icon="zap",
        url_name="home",
        order=1,
        state=lambda city: registry.State("attention", "가로등 3개가 꺼져 있습니다.", figures),
    )
    monkeypatch.setattr(registry, "_systems", {})
    registry.register(made)
    return made
