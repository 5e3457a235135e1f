"""The head of a turning camera: what ONVIF's PTZ service does, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from madang.systems.cameras.onvif.talk import (
    OnvifError,
    RefusedError,
    SilentError,
    Talk,
    every,
    number,
    words,
)
from madang.systems.cameras.steering.edges import Position

FIELD_OF_VIEW = "http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov"


@dataclass(frozen=True)
class Status:
    """Where a head looks, None where it does not say; whether it moves, None likewise."""

    at: Position | None
    moving: bool | None


@dataclass(frozen=True)
class Stored:
    """A preset of the camera's own; at None where it does not say where that is."""

    token: str
    name: str
    at: Position | None


class Head:
    """One profile's head. Every method raises OnvifError where the camera does not do it."""

    def __init__(self, talk: Talk, profile: str) -> None:
        self._talk, self._profile = talk, profile
        self._timed = True

    async def status(self) -> Status:
        answer = await self._ask("GetStatus")
        states = {words(answer, f"MoveStatus/{one}").upper() for one in ("PanTilt", "Zoom")}
        moving = True if "MOVING" in states else False if "IDLE" in states else None
        return Status(_position(answer, "Position"), moving)

    async def move(self, velocity: Position, seconds: float) -> None:
        """Turn with these shares of full speed; the camera itself stops after so many seconds, if it keeps
        to the standard."""
        asked: dict[str, Any] = {"Velocity": _vector(velocity)}
        timed = {**asked, "Timeout": timedelta(seconds=seconds)}
        try:
            await self._ask("ContinuousMove", timed if self._timed else asked)
        except (RefusedError, SilentError):
            raise
        except OnvifError:
            if not self._timed:
                raise
            await self._ask("ContinuousMove", asked)  # some know no end of a move
            self._timed = False

    async def stop(self) -> None:
        await self._ask("Stop", {"PanTilt": True, "Zoom": True})

    async def go(self, at: Position) -> None:
        await self._ask("AbsoluteMove", {"Position": _vector(at)})

    async def centre(self, across: float, up: float) -> None:
        """Bring what is seen there (from -1 to 1 of the picture) into the middle."""
        way = {"PanTilt": {"x": across, "y": up, "space": FIELD_OF_VIEW}}
        await self._ask("RelativeMove", {"Translation": way})

    async def home(self) -> None:
        await self._ask("GotoHomePosition")

    async def preset(self, token: str) -> None:
        await self._ask("GotoPreset", {"PresetToken": token})

    async def keep(self, name: str) -> str:
        """Store where it looks under a name; the token."""
        return words(await self._ask("SetPreset", {"PresetName": name}), "PresetToken")

    async def presets(self) -> list[Stored]:
        answer = await self._ask("GetPresets")
        return [
            Stored(
                str(one.get("token")),
                words(one, "Name") or str(one.get("token")),
                _position(one, "PTZPosition"),
            )
            for one in every(answer, "Preset")
            if one.get("token")
        ]

    async def _ask(self, operation: str, given: dict[str, Any] | None = None) -> Any:
        asked = {"ProfileToken": self._profile, **(given or {})}
        return await self._talk.ask("ptz", operation, asked)


def _position(answer: Any, name: str) -> Position | None:
    pan, tilt = (number(answer, f"{name}/PanTilt", one) for one in ("x", "y"))
    if pan is None or tilt is None:
        return None
    return Position(pan, tilt, number(answer, f"{name}/Zoom", "x") or 0.0)


def _vector(at: Position) -> dict[str, dict[str, float]]:
    return {"PanTilt": {"x": at.pan, "y": at.tilt}, "Zoom": {"x": at.zoom}}
