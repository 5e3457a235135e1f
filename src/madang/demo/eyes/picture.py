"""What a camera on its pole sees of the world's street: roads, buildings, cars, people, light and rain.

A pinhole camera five metres up that looks a little down. What stands is drawn once for each light; each
picture is that with what moves on it.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from madang.demo.world.street import Bools, Floats

POLE, TILT = 5.0, 12.0  # metres above the ground; degrees down
NEAR = 1.0  # metres before which nothing is drawn
DEEP = 140.0  # metres beyond which nothing is told apart
KST = 9 * 3600
Corner = tuple[float, float, float]
Face = tuple[Sequence[Corner] | Floats, tuple[int, ...]]  # four corners in metres, paint
ROAD, WALK, LINE, GROUND = (82, 84, 88), (150, 148, 142), (214, 190, 92), (128, 134, 118)
WALLS = ((176, 168, 156), (158, 160, 166), (188, 178, 168), (150, 142, 134), (196, 192, 186))
PAINTS = (
    (232, 232, 236),
    (40, 42, 48),
    (120, 124, 130),
    (168, 34, 38),
    (36, 70, 130),
    (200, 204, 210),
)
SKIES = ((24, 30, 48), (168, 198, 226))
SIZES = {"walker": (0.5, 0.5, 1.7), "bus": (10.5, 2.5, 3.1), "fire_engine": (7.8, 2.4, 3.1)}
CAR, AMBULANCE = (4.5, 1.8, 1.45), (5.6, 2.0, 2.4)
OWN_PAINT = {
    "bus": (46, 120, 70),
    "taxi": (226, 150, 40),
    "ambulance": (240, 240, 240),
    "fire_engine": (198, 30, 30),
    "patrol_car": (240, 240, 245),
}


@dataclass(frozen=True)
class Eye:
    """Where a camera stands and looks: metres of the city's CRS, degrees from north, angle in degrees,
    tilt in degrees down."""

    x: float
    y: float
    bearing: float
    angle: float = 70.0
    tilt: float = TILT


@dataclass(frozen=True)
class Scene:
    """What stands around a camera: roads (line, breadth, each n × 2) and buildings (outline, height)."""

    roads: tuple[tuple[Floats, float], ...]
    buildings: tuple[tuple[Floats, float], ...]


@dataclass(frozen=True)
class Mover:
    """What moves: its kind, where, and where to (degrees from north)."""

    kind: str
    x: float
    y: float
    heading: float
    number: int = 0


class View:
    """An eye's projection onto a picture of width × height pixels."""

    def __init__(self, eye: Eye, width: int, height: int) -> None:
        self.eye, self.width, self.height = eye, width, height
        self._focus = width / 2 / math.tan(math.radians(eye.angle) / 2)
        turn = math.radians(eye.bearing)
        self._sin, self._cos = math.sin(turn), math.cos(turn)
        self._down = math.radians(eye.tilt)

    def before(self, points: Floats) -> Floats:
        """Points (n × 3, metres) as right, up and depth before the eye."""
        east, north = points[:, 0] - self.eye.x, points[:, 1] - self.eye.y
        up = points[:, 2] - POLE
        right = east * self._cos - north * self._sin
        ahead = east * self._sin + north * self._cos
        deep = ahead * math.cos(self._down) - up * math.sin(self._down)
        high = ahead * math.sin(self._down) + up * math.cos(self._down)
        return np.column_stack([right, high, deep])

    def drawn(self, points: Floats) -> list[tuple[float, float]]:
        """A polygon (n × 3, metres) in pixels, cut off before NEAR; empty where nothing is left."""
        seen = _cut(self.before(points))
        if len(seen) < 3:
            return []
        return [(x, y) for x, y in self._pixels(seen).tolist()]

    def drawn_all(self, faces: Floats) -> list[list[tuple[float, float]]]:
        """Polygons (m × n × 3, metres) as drawn does one; those wholly before the eye in one go."""
        seen = self.before(faces.reshape(-1, 3)).reshape(faces.shape)
        whole: Bools = np.all(seen[:, :, 2] >= NEAR, axis=1)
        partly: Bools = np.any(seen[:, :, 2] >= NEAR, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = self._pixels(seen).tolist()
        return [
            [(x, y) for x, y in pixels[k]]
            if whole[k]
            else (self.drawn(faces[k]) if partly[k] else [])
            for k in range(len(faces))
        ]

    def _pixels(self, seen: Floats) -> Floats:
        x = self.width / 2 + self._focus * seen[..., 0] / seen[..., 2]
        y = self.height / 2 - self._focus * seen[..., 1] / seen[..., 2]
        return np.clip(np.stack([x, y], axis=-1), -9999, 9999)

    @property
    def horizon(self) -> float:
        return self.height / 2 - self._focus * math.tan(self._down)


def _cross(one: Floats, other: Floats) -> float:
    return float(one[0] * other[1] - one[1] * other[0])


def _turn(outline: Floats) -> float:
    """Above 0 for an outline that goes round against the clock."""
    x, y = outline.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def _upright(one: Floats, other: Floats, low: float, high: float) -> Sequence[Corner]:
    """A piece of a wall between two points of the ground."""
    (a, b), (c, d) = one.tolist(), other.tolist()
    return ((a, b, low), (c, d, low), (c, d, high), (a, b, high))


def _cut(seen: Floats) -> Floats:
    """A polygon before the eye without what lies nearer than NEAR (Sutherland and Hodgman)."""
    inside = seen[:, 2] >= NEAR
    if inside.all():
        return seen
    if not inside.any():
        return seen[:0]
    kept = []
    for at in range(len(seen)):
        one, other = seen[at - 1], seen[at]
        if inside[at - 1] != inside[at]:
            share = (NEAR - one[2]) / (other[2] - one[2])
            kept.append(one + (other - one) * share)
        if inside[at]:
            kept.append(other)
    return np.array(kept)


def daylight(now: float) -> float:
    """0 in the night, 1 by day, between them at dusk and dawn."""
    hour = (now + KST) / 3600 % 24
    return float(np.clip((math.sin((hour - 6.25) / 24 * 2 * math.pi) + 0.12) * 4, 0, 1))


class Painter:
    """Draws one camera's pictures; name stands in each, with the time and that all is simulated."""

    def __init__(self, view: View, scene: Scene, name: str) -> None:
        self._view, self._scene, self._name = view, scene, name
        self._still: Image.Image | None = None
        self._light = -1

    def look(self, eye: Eye) -> None:
        """Look elsewhere from the same pole; what stands is drawn anew where that is another view."""
        if eye != self._view.eye:
            self._view, self._still = View(eye, self._view.width, self._view.height), None

    def picture(self, now: float, movers: Iterable[Mover], rain: float) -> Image.Image:
        """The picture at now (Unix seconds), with rain in mm an hour."""
        light = daylight(now)
        image = self._standing(round(light * 20), light).copy()
        draw = ImageDraw.Draw(image)
        self._draw_movers(draw, list(movers), light)
        if rain > 0.1:
            self._rain(draw, rain)
        self._words(draw, now)
        return image

    def _draw_movers(self, draw: Any, movers: list[Mover], light: float) -> None:
        """Everybody in sight, far ones first; all faces are projected at once."""
        if not movers:
            return
        at = np.array([(one.x, one.y, 0.5) for one in movers])
        deep = self._view.before(at)[:, 2]
        order = np.argsort(-deep)
        seen = order[(deep[order] > NEAR) & (deep[order] < DEEP)]
        faces = [face for k in seen.tolist() for face in self._faces(movers[k], light)]
        self._fill(draw, faces)

    def _standing(self, step: int, light: float) -> Image.Image:
        if self._still is None or self._light != step:
            self._still, self._light = self._stand(light), step
        return self._still

    def _stand(self, light: float) -> Image.Image:
        view = self._view
        sky = tuple(round(a + (b - a) * light) for a, b in zip(*SKIES, strict=True))
        image = Image.new("RGB", (view.width, view.height), sky)
        draw = ImageDraw.Draw(image)
        horizon = min(max(view.horizon, 0), view.height)
        ground = (0, horizon, view.width, view.height)
        draw.rectangle(ground, fill=lit(GROUND, light))
        self._fill(draw, [*self._streets(light), *self._houses(light)])
        return image

    def _streets(self, light: float) -> Iterator[Face]:
        for breadth, colour in ((4.0, WALK), (0.0, ROAD)):
            for line, lanes in self._scene.roads:
                for strip in strips(line, lanes + breadth):
                    yield strip, lit(colour, light)
        for line, _lanes in self._scene.roads:
            for strip in strips(line, 0.18):
                yield strip, lit(LINE, light)

    def _houses(self, light: float) -> Iterator[Face]:
        for number, (outline, high) in enumerate(self._far_first()):
            yield from self._build(outline, high, number, light)

    def _far_first(self) -> list[tuple[Floats, float]]:
        eye = self._view.eye

        def away(one: tuple[Floats, float]) -> float:
            return -float(np.hypot(one[0][:, 0] - eye.x, one[0][:, 1] - eye.y).min())

        seen = [
            one
            for one in self._scene.buildings
            if self._view.before(np.column_stack([one[0], np.zeros(len(one[0]))]))[:, 2].max()
            > NEAR
        ]
        return sorted(seen, key=away)

    def _build(self, outline: Floats, high: float, number: int, light: float) -> Iterator[Face]:
        paint = WALLS[round(float(outline[0].sum())) % len(WALLS)]
        walls = list(zip(outline, np.roll(outline, -1, axis=0), strict=True))
        walls.sort(key=lambda wall: -float(np.hypot(*((wall[0] + wall[1]) / 2 - self._at))))
        turn = _turn(outline)
        for one, other in walls:
            # What looks away is hidden by what looks here; without it the first picture comes sooner.
            if turn * _cross(other - one, self._at - one) > 0:
                continue
            shade = 0.8 + 0.2 * abs(math.sin(math.atan2(*(other - one))))
            yield _upright(one, other, 0, high), lit(paint, light, shade)
            for level in np.arange(2.0, high - 1, 3.0).tolist():
                window = (
                    (236, 214, 150) if light < 0.3 and (number + level) % 2 < 1 else (70, 84, 98)
                )
                colour = window if light < 0.3 else lit(window, light)
                yield _upright(one, other, level, level + 1), colour

    @property
    def _at(self) -> Floats:
        return np.array([self._view.eye.x, self._view.eye.y])

    def _faces(self, one: Mover, light: float) -> Iterator[Face]:
        """The four-cornered faces of one who moves, hidden ones first, then roof and lamps."""
        long, broad, high = SIZES.get(one.kind, AMBULANCE if one.kind == "ambulance" else CAR)
        turn = math.radians(one.heading)
        ahead_x, ahead_y = math.sin(turn), math.cos(turn)
        base = [
            (
                one.x + ahead_x * long / 2 * a + ahead_y * broad / 2 * b,
                one.y + ahead_y * long / 2 * a - ahead_x * broad / 2 * b,
            )
            for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))
        ]
        paint = OWN_PAINT.get(one.kind, PAINTS[one.number % len(PAINTS)])
        for k in sorted(range(4), key=lambda k: -self._away(base[k], base[k - 1])):
            here, there = base[k - 1], base[k]
            face = [(*here, 0.2), (*there, 0.2), (*there, high), (*here, high)]
            yield face, lit(paint, light, 0.72 + 0.1 * k)
        yield [(*corner, high) for corner in base], lit(paint, light)
        if one.kind != "walker" and light <= 0.4:
            yield from self._lamps(one, ahead_x, ahead_y, long)

    def _away(self, here: tuple[float, float], there: tuple[float, float]) -> float:
        eye = self._view.eye
        return math.hypot((here[0] + there[0]) / 2 - eye.x, (here[1] + there[1]) / 2 - eye.y)

    def _lamps(self, one: Mover, ahead_x: float, ahead_y: float, long: float) -> Iterator[Face]:
        for end, colour in ((1, (255, 244, 200)), (-1, (230, 40, 30))):
            for side in (-0.6, 0.6):
                x = one.x + ahead_x * long / 2 * end + ahead_y * side
                y = one.y + ahead_y * long / 2 * end - ahead_x * side
                corners = ((-0.2, 0.5), (0.2, 0.5), (0.2, 0.9), (-0.2, 0.9))
                yield [(x + ahead_y * d, y - ahead_x * d, z) for d, z in corners], colour

    def _fill(self, draw: Any, faces: Sequence[Face]) -> None:
        """Paint faces, those behind first; all are projected at once."""
        if not faces:
            return
        shapes = self._view.drawn_all(np.array([points for points, _paint in faces]))
        for shape, (_points, paint) in zip(shapes, faces, strict=True):
            if shape:
                draw.polygon(shape, fill=paint)

    def _rain(self, draw: Any, rain: float) -> None:
        for _drop in range(round(min(20 + rain * 6, 220))):
            x, y = random.uniform(0, self._view.width), random.uniform(0, self._view.height)
            draw.line((x, y, x - 2, y + 9), fill=(190, 200, 212))

    def _words(self, draw: Any, now: float) -> None:
        time = datetime.fromtimestamp(now + KST, UTC)
        # The tenths apart: what is written stays the same for a second.
        clock = written(f"{self._name}  {time:%Y-%m-%d %H:%M:%S}")
        tenths = written(f".{int(now % 1 * 10)}")
        foot = self._view.height - 14
        for mask, (x, y) in (
            (clock, (6, 4)),
            (tenths, (6 + clock.width, 4)),
            (written("SIMULATED"), (6, foot)),
        ):
            draw.bitmap((x + 1, y + 1), mask, fill=(0, 0, 0))
            draw.bitmap((x, y), mask, fill=(255, 255, 255))


@lru_cache(maxsize=256)
def written(text: str) -> Image.Image:
    """text as a mask; drawn from the font each time, words took a quarter of a picture."""
    font = _font()
    _left, _top, right, bottom = font.getbbox(text)
    mask = Image.new("L", (math.ceil(right), math.ceil(bottom)))
    ImageDraw.Draw(mask).text((0, 0), text, fill=255, font=font)
    return mask


@cache
def _font() -> Any:
    return ImageFont.load_default()


@lru_cache(maxsize=1024)
def lit(colour: tuple[int, ...], light: float, shade: float = 1.0) -> tuple[int, ...]:
    """colour by this much daylight."""
    much = shade * (0.28 + 0.72 * light)
    return tuple(round(value * much) for value in colour)


def strips(line: Floats, breadth: float) -> Iterable[Floats]:
    """A line as flat pieces of this breadth on the ground, each n × 3."""
    for one, other in itertools.pairwise(line):
        along = other - one
        long = float(np.hypot(*along))
        if long < 1e-6:
            continue
        aside = np.array([along[1], -along[0]]) / long * breadth / 2
        at = np.arange(0, long, 12.0)[:, np.newaxis]
        a = one + along * (at / long)
        b = one + along * (np.minimum(at + 12.3, long) / long)
        flat = np.zeros((len(at), 4, 3))
        flat[:, :, :2] = np.stack([a + aside, b + aside, b - aside, a - aside], axis=1)
        yield from flat
