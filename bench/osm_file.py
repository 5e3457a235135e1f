"""A made-up city in OpenStreetMap's XML: a grid of streets with a building in every block."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

STEP = 0.001  # degrees between streets
WEST, SOUTH = 126.9, 37.2
WIDE = 400  # crossings in a row
BLOCK_BYTES = 766  # of one crossing with what belongs to it, measured


def write_grid(path: Path, size: int) -> int:
    """Write about size bytes; how many crossings that made."""
    rows = max(2, round(size / BLOCK_BYTES / WIDE))
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
        file.writelines(_nodes(rows))
        file.writelines(_ways(rows))
        file.write("</osm>\n")
    return rows * WIDE


def _nodes(rows: int) -> Iterator[str]:
    for row in range(rows):
        for column in range(WIDE):
            number = row * WIDE + column
            lat, lon = SOUTH + (row % WIDE) * STEP, WEST + column * STEP + row // WIDE
            yield _node(number * 5 + 1, lat, lon)
            for corner in range(4):
                up, right = (
                    STEP * (0.2 + 0.5 * (corner > 1)),
                    STEP * (0.2 + 0.5 * (corner in (1, 2))),
                )
                yield _node(number * 5 + 2 + corner, lat + up, lon + right)


def _node(number: int, lat: float, lon: float) -> str:
    words = f'id="{number}" version="1" timestamp="2026-01-01T00:00:00Z"'
    return f'  <node {words} lat="{lat:.7f}" lon="{lon:.7f}"/>\n'


def _ways(rows: int) -> Iterator[str]:
    number = 0
    for row in range(rows):
        street = [row * WIDE + column for column in range(WIDE)]
        number += 1
        yield _way(number, [n * 5 + 1 for n in street], "highway", "residential", f"가로{row}길")
        for crossing in street:
            number += 1
            corners = [crossing * 5 + 2 + corner for corner in (0, 1, 2, 3, 0)]
            yield _way(number, corners, "building", "yes", "")
    for column in range(WIDE):
        number += 1
        street = [(row * WIDE + column) * 5 + 1 for row in range(rows)]
        yield _way(number, street, "highway", "tertiary", f"세로{column}길")


def _way(number: int, nodes: list[int], key: str, value: str, name: str) -> str:
    lines = [f'  <way id="{number}" version="1" timestamp="2026-01-01T00:00:00Z">\n']
    lines += [f'    <nd ref="{node}"/>\n' for node in nodes]
    lines.append(f'    <tag k="{key}" v="{value}"/>\n')
    if name:
        lines.append(f'    <tag k="name" v="{name}"/>\n')
    return "".join(lines) + "  </way>\n"


SHAPED = 12  # points of a street between two crossings, and of a building's outline
CITY_BYTES = 10_300  # of one crossing with two streets and two buildings, measured


def write_city(path: Path, size: int) -> int:
    """Write about size bytes as a city's extract has them: with authors, bent streets, many tags."""
    crossings = max(4, round(size / CITY_BYTES))
    across = math.isqrt(crossings)
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
        for number in range(across * across):
            file.writelines(_city_nodes(number, across))
        for number in range(across * across):
            file.writelines(_city_ways(number, across))
        file.write("</osm>\n")
    return across * across


PER_CROSSING = 1 + 4 * SHAPED  # a crossing, two streets and two outlines


def _city_nodes(number: int, across: int) -> Iterator[str]:
    step = 0.2 / across
    lat, lon = SOUTH + number // across * step, WEST + number % across * step
    first = number * PER_CROSSING + 1
    yield _authored("node", first, f' lat="{lat:.7f}" lon="{lon:.7f}"/>\n')
    for at in range(SHAPED):
        along = (at + 1) / (SHAPED + 1) * step
        turn = 2 * math.pi * at / SHAPED
        east, north = math.cos(turn) * step * 0.1, math.sin(turn) * step * 0.1
        for place, (y, x) in enumerate(
            (
                (lat, lon + along),
                (lat + along, lon),
                (lat + step * 0.3 + north, lon + step * 0.3 + east),
                (lat + step * 0.7 + north, lon + step * 0.7 + east),
            )
        ):
            node = first + 1 + place * SHAPED + at
            yield _authored("node", node, f' lat="{y:.7f}" lon="{x:.7f}"/>\n')


def _city_ways(number: int, across: int) -> Iterator[str]:
    first = number * PER_CROSSING + 1
    ends = ((number + 1, number % across < across - 1), (number + across, True))
    for place, (other, inside) in enumerate(ends):
        if inside and other < across * across:
            bends = range(first + 1 + place * SHAPED, first + 1 + (place + 1) * SHAPED)
            nodes = [first, *bends, other * PER_CROSSING + 1]
            tags = {"highway": "residential", "name": f"가로{number % 900}길", "lanes": "2"}
            yield from _authored_way(number * 4 + 1 + place, nodes, tags)
    for place in (2, 3):
        outline = range(first + 1 + place * SHAPED, first + 1 + (place + 1) * SHAPED)
        tags = {"building": "apartments", "building:levels": "12", "name": f"{number % 900}동"}
        yield from _authored_way(number * 4 + 1 + place, [*outline, outline[0]], tags)


def _authored_way(number: int, nodes: list[int], tags: dict[str, str]) -> Iterator[str]:
    yield _authored("way", number, ">\n")
    yield from (f'    <nd ref="{node}"/>\n' for node in nodes)
    yield from (f'    <tag k="{key}" v="{value}"/>\n' for key, value in tags.items())
    yield "  </way>\n"


def _authored(kind: str, number: int, rest: str) -> str:
    words = f'id="{number}" version="3" timestamp="2026-01-01T00:00:00Z" changeset="123456789"'
    return f'  <{kind} {words} uid="1234567" user="somebody of the city"{rest}'
