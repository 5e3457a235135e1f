"""Third persons hidden by hand: rectangles that go evenly from one placed moment to the next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from madang.systems.cameras.domain.masks import Zone

Key = Sequence[float]  # second, left, top, width, height


def zones_at(moving: Sequence[Sequence[Key]], second: float) -> tuple[Zone, ...]:
    """The rectangles that hide somebody then, as zones."""
    found = (_at(track, second) for track in moving)
    return tuple(one for one in found if one is not None)


def _at(track: Sequence[Key], second: float) -> Zone | None:
    moments = [key[0] for key in track]
    if not track or not moments[0] <= second <= moments[-1]:
        return None
    after = min(bisect_right(moments, second), len(track) - 1)
    before = max(0, after - 1)
    one, other = track[before], track[after]
    share = (second - one[0]) / (other[0] - one[0]) if other[0] > one[0] else 0.0
    left, top, width, height = (
        a + (b - a) * share for a, b in zip(one[1:], other[1:], strict=True)
    )
    right, bottom = min(1.0, left + width), min(1.0, top + height)
    left, top = max(0.0, left), max(0.0, top)
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def read_tracks(words: str) -> list[list[list[float]]]:
    """Tracks as they are written down: a line a placed moment (second left top width height, the last four
    in hundredths of the picture), an empty line between two persons. ValueError names the line."""
    tracks: list[list[list[float]]] = [[]]
    for number, line in enumerate(words.splitlines(), 1):
        if not line.strip():
            tracks.append([])
            continue
        tracks[-1].append(_key(line, number))
    found = [sorted(one) for one in tracks if one]
    for track in found:
        if len({key[0] for key in track}) != len(track):
            raise ValueError("two lines of one person name the same second")
    return found


def _key(line: str, number: int) -> list[float]:
    try:
        second, *place = (float(one) for one in line.replace(",", " ").split())
        left, top, width, height = (one / 100 for one in place)
    except ValueError:
        raise ValueError(f"line {number} has not five numbers") from None
    within = 0 <= left <= 1 and 0 <= top <= 1 and 0 < width <= 1 and 0 < height <= 1
    if not 0 <= second < 1e6 or not within:
        raise ValueError(f"line {number} lies outside of the picture")
    return [second, left, top, width, height]


def write_tracks(moving: Sequence[Sequence[Key]]) -> str:
    """The same as words."""
    return "\n\n".join("\n".join(_line(key) for key in track) for track in moving)


def _line(key: Key) -> str:
    return " ".join(f"{one:g}" for one in (round(key[0], 2), *(round(x * 100, 2) for x in key[1:])))
