"""A page beside a turning camera: it learns where the head stands, however late that can be said."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from madang.systems.cameras.steering import socket
from madang.systems.cameras.steering.socket import Steering
from madang.systems.cameras.steering.words import Heard, Preset, encode


class Slow:
    """A bus on which the camera's process answers from the third question on."""

    def __init__(self) -> None:
        self.asked = 0

    async def request(self, subject: str, wish: bytes, timeout: float) -> Any:
        self.asked += 1
        if self.asked == 1:
            raise TimeoutError  # nobody has the camera yet
        why = "The camera does not answer." if self.asked == 2 else ""
        stored = None if why else [Preset("1", "gate", True)]
        return SimpleNamespace(data=encode(Heard(why, stored)))


def test_it_is_asked_again_until_it_is_known_and_what_was_said_of_it_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "LOOK_AGAIN", (0.0,))
    bus = Slow()
    words = asyncio.run(looked(bus))
    assert bus.asked == 3
    said = [word["why"] for word in words if word["t"] == "said"]
    assert len(said) == 3
    assert said[0]
    assert said[1:] == ["The camera does not answer.", ""]
    assert [one["name"] for one in words[-1]["presets"]] == ["gate"]


async def looked(bus: Slow) -> list[dict[str, Any]]:
    nothing: Any = None
    seen: Any = SimpleNamespace(camera=uuid4())
    page = Steering(nothing, seen, bus, nothing, nothing, nothing, "", "en")
    await page._look()
    return [json.loads(page._out.get_nowait()) for _ in range(page._out.qsize())]
