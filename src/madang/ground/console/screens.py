"""What a view of the console is made of, as it is saved, shared between windows and pushed to a board."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Word = Annotated[str, Field(max_length=100)]
MOST_PANES = 4


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Camera(Strict):
    """Where a pane looks: degrees (WGS84), zoom, and degrees of turning and tilting."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    zoom: float = Field(ge=0, le=24)
    bearing: float = Field(0, ge=-360, le=360)
    pitch: float = Field(0, ge=0, le=85)


class Selection(Strict):
    """The thing that is looked at."""

    kind: Word
    id: Word


class Past(Strict):
    """A moment of the record that is looked at, and how fast it plays (0: it stands)."""

    at: datetime
    speed: float = Field(0, ge=0, le=600)


class View(Strict):
    """One whole view. layers are those shown; hidden are the looks of each layer that are not."""

    panes: Annotated[list[Camera], Field(min_length=1, max_length=MOST_PANES)]
    linked: bool = False
    layers: Annotated[list[Word], Field(max_length=200)]
    hidden: Annotated[
        dict[Word, Annotated[list[Word], Field(max_length=50)]], Field(max_length=200)
    ] = {}
    selection: Selection | None = None
    past: Past | None = None
    mode: Literal["map", "table"] = "map"
