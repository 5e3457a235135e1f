"""What a turning device of the demo does when it is asked by ONVIF PTZ: moves, presets, home."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from madang.demo.eyes.heads import Head, Position, centred
from madang.demo.eyes.onvif_soap import Fault, attribute, text
from madang.demo.eyes.onvif_stations import Station
from madang.demo.eyes.picture import Eye

SPACE = "http://www.onvif.org/ver10/tptz"
FIELD_OF_VIEW = f"{SPACE}/PanTiltSpaces/TranslationSpaceFov"


class Turning:
    """Replies of the service PTZ."""

    _station: Station
    _now: float

    def say_GetStatus(self, asked: Any) -> str:
        head = self._head(asked)
        state = "MOVING" if head.moving else "IDLE"
        now = datetime.fromtimestamp(self._now, UTC)
        return (
            f"<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position>{vector(head.at())}</tt:Position>"
            f"<tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt><tt:Zoom>{state}</tt:Zoom></tt:MoveStatus>"
            f"<tt:UtcTime>{now:%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

    def say_GetPresets(self, asked: Any) -> str:
        said = "".join(
            f'<tptz:Preset token="{escape(token)}"><tt:Name>{escape(name)}</tt:Name>'
            f"<tt:PTZPosition>{vector(at)}</tt:PTZPosition></tptz:Preset>"
            for token, (name, at) in self._head(asked).presets.items()
        )
        return f"<tptz:GetPresetsResponse>{said}</tptz:GetPresetsResponse>"

    def say_SetPreset(self, asked: Any) -> str:
        name = text(asked, "PresetName") or "preset"
        token = self._head(asked).keep(name, text(asked, "PresetToken"))
        return (
            f"<tptz:SetPresetResponse><tptz:PresetToken>{escape(token)}</tptz:PresetToken>"
            "</tptz:SetPresetResponse>"
        )

    def say_GotoPreset(self, asked: Any) -> str:
        head, token = self._head(asked), text(asked, "PresetToken")
        if token not in head.presets:
            raise Fault("ter:NoToken", "There is no such preset.")
        head.go(head.presets[token][1])
        return "<tptz:GotoPresetResponse/>"

    def say_GotoHomePosition(self, asked: Any) -> str:
        head = self._head(asked)
        head.go(head.home)
        return "<tptz:GotoHomePositionResponse/>"

    def say_SetHomePosition(self, asked: Any) -> str:
        head = self._head(asked)
        head.home = head.at()
        return "<tptz:SetHomePositionResponse/>"

    def say_ContinuousMove(self, asked: Any) -> str:
        velocity = read_vector(asked, "Velocity", Position(0.0, 0.0, 0.0))
        self._head(asked).move(velocity, **seconds_of(text(asked, "Timeout")))
        return "<tptz:ContinuousMoveResponse/>"

    def say_AbsoluteMove(self, asked: Any) -> str:
        head = self._head(asked)
        head.go(read_vector(asked, "Position", head.at()))
        return "<tptz:AbsoluteMoveResponse/>"

    def say_RelativeMove(self, asked: Any) -> str:
        head = self._head(asked)
        at, way = head.at(), read_vector(asked, "Translation", Position(0.0, 0.0, 0.0))
        if attribute(asked, "Translation/PanTilt", "space") == FIELD_OF_VIEW:
            head.go(centred(Eye(0.0, 0.0, 0.0), at, way.pan, way.tilt))
        else:
            head.go(Position(at.pan + way.pan, at.tilt + way.tilt, at.zoom + way.zoom))
        return "<tptz:RelativeMoveResponse/>"

    def say_Stop(self, asked: Any) -> str:
        turning, zooming = (text(asked, one) != "false" for one in ("PanTilt", "Zoom"))
        self._head(asked).stop(turning=turning, zooming=zooming)
        return "<tptz:StopResponse/>"

    def _head(self, asked: Any) -> Head:
        head = self._station.channel(text(asked, "ProfileToken")).head
        if head is None:
            raise Fault("ter:PTZNotSupported", "This camera does not turn.")
        return head


def vector(at: Position) -> str:
    return (
        f'<tt:PanTilt x="{at.pan:.5f}" y="{at.tilt:.5f}" '
        f'space="{SPACE}/PanTiltSpaces/PositionGenericSpace"/>'
        f'<tt:Zoom x="{at.zoom:.5f}" space="{SPACE}/ZoomSpaces/PositionGenericSpace"/>'
    )


def read_vector(asked: Any, name: str, usual: Position) -> Position:
    """A vector; what it leaves out is as usual says."""
    said = (
        attribute(asked, f"{name}/PanTilt", "x"),
        attribute(asked, f"{name}/PanTilt", "y"),
        attribute(asked, f"{name}/Zoom", "x"),
    )
    try:
        return Position(*(float(one) if one else at for one, at in zip(said, usual, strict=True)))
    except ValueError:
        raise Fault("ter:InvalidArgVal", f"{name} is no vector.") from None


def seconds_of(duration: str) -> dict[str, float]:
    """xs:duration as far as moves need it."""
    found = re.fullmatch(r"PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", duration)
    if not found or duration == "PT":
        return {}
    return {"seconds": int(found[1] or 0) * 60 + float(found[2] or 0)}
