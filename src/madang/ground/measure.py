"""Measure: one number with everything a reader must know to believe it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Provenance = Literal["measured", "reported", "estimated", "simulated", "unknown"]


class Measure(BaseModel):
    """A value with unit, time, method, uncertainty and provenance; value None means unknown, never 0.

    unit is a UCUM code ("m/s", "Cel", "t"), uncertainty the half width of the 95 % interval in that
    unit, method and source are words a reader can look up.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    value: float | None
    unit: str
    time: datetime | None = None
    method: str = ""
    uncertainty: float | None = None
    provenance: Provenance = "unknown"
    source: str = ""
