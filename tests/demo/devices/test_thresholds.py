"""The levels a city starts with speak of devices that the demo city has, in units that fit."""

from __future__ import annotations

import pytest

from madang.demo.devices.kinds import KINDS
from madang.ground.cases.domain.thresholds import Rule, default_rules
from madang.ground.desk.units import converted


@pytest.mark.parametrize("rule", default_rules(), ids=lambda rule: rule.alarm_kind)
def test_a_default_threshold_meets_a_channel_of_the_demo_city(rule: Rule) -> None:
    [kind] = [kind for kind in KINDS if kind.key == rule.device_kind]
    [channel] = [channel for channel in kind.channels if channel.key == rule.quantity]
    assert rule.level is not None
    assert channel.low is not None
    assert channel.high is not None
    assert channel.low < converted(rule.level, rule.unit, channel.unit) < channel.high
