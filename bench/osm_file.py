"""A made-up city in OpenStreetMap's XML: a grid of streets with a building in every block."""

from __future__ import annotations

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
