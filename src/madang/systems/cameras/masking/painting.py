"""Painting over pictures: what a veil hides is gone from them before anything is encoded."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from PIL import Image, ImageDraw, ImageFilter

from madang.systems.cameras.domain.masks import Veil, Zone
from madang.systems.cameras.steering.edges import Position

HEIGHT = 360
BLOCKS = 36  # across a coarse picture: of a street no face and no number plate can be told
# Pixels across by which a zone is spread, of luma and of chroma: scaling carries a little over its edge.
EDGES = (7, 5)
WIDE = 0.02  # of the picture's width, where a head may have come back a little beside
LUMA, CHROMA = 56, 128  # a dark grey


class Brush:
    """Paints the pictures of one size. They come out as yuv420p, of so many lines at most."""

    def __init__(self, veil: Veil, width: int, height: int, lines: int = HEIGHT) -> None:
        self.height = max(4, min(lines, height) // 4 * 4)
        self.width = max(2, round(width * self.height / height / 2) * 2)
        self._coarse = veil.coarse
        self._luma = _covered(veil, self.width, self.height, EDGES[0])
        self._chroma = _covered(veil, self.width // 2, self.height // 2, EDGES[1])

    def paint(self, frame: Any, mark: Any = None) -> Any:
        """frame with nothing left of what is hidden. Its time stamps are not kept.

        mark: where words stand across it, as booleans of the size that comes out.
        """
        small = frame
        if self._coarse:
            area = Interpolation.AREA
            lines = max(2, round(BLOCKS * self.height / self.width))
            small = frame.reformat(BLOCKS, lines, "yuv420p", interpolation=area, threads=1)
        way = Interpolation.POINT if self._coarse else Interpolation.BILINEAR
        shown = small.reformat(self.width, self.height, "yuv420p", interpolation=way, threads=1)
        planes = shown.to_ndarray(format="yuv420p")
        luma, chroma = self.height, self.height // 4
        planes[:luma][self._luma] = LUMA
        for begin in (luma, luma + chroma):
            part = planes[begin : begin + chroma].reshape(self.height // 2, self.width // 2)
            part[self._chroma] = CHROMA
        if mark is not None:
            planes[:luma][mark] = planes[:luma][mark] // 2 + 110
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _covered(veil: Veil, width: int, height: int, edge: int) -> Any:
    image = Image.new("L", (width, height))
    pen = ImageDraw.Draw(image)
    for zone in veil.zones:
        pen.polygon([(x * width, y * height) for x, y in zone], fill=255, outline=255)
    wider = edge + (2 * math.ceil(WIDE * width) if veil.wide else 0)
    return np.asarray(image.filter(ImageFilter.MaxFilter(wider))) > 0


class Brushes:
    """Paints the pictures of one size by where the head stood that took them, None where nobody knows."""

    def __init__(self, veil: Veil, width: int, height: int, lines: int = HEIGHT) -> None:
        self._veil, self._size = veil, (width, height, lines)
        self._made: dict[Veil, Brush] = {}
        unknown = self.of(None)
        self.width, self.height = unknown.width, unknown.height

    def of(self, at: Position | None, more: tuple[Zone, ...] = ()) -> Brush:
        """more: zones beside those of the veil, of one picture only."""
        veil = self._veil.seen_from(at)
        if more:
            return Brush(replace(veil, zones=(*veil.zones, *more)), *self._size)
        if veil not in self._made:
            self._made[veil] = Brush(veil, *self._size)
        return self._made[veil]


def painted(picture: bytes, veil: Veil) -> bytes:
    """A JPEG with nothing left of what is hidden."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    frame: Any = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
    sink = io.BytesIO()
    Brush(veil, image.width, image.height).paint(frame).to_image().save(sink, "JPEG", quality=60)
    return sink.getvalue()
