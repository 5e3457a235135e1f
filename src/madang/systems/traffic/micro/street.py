"""What stays the same in a window, as its map draws it: lanes, stop lines with their lights, entries."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

from madang.systems.traffic.engine.draft import Line
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.micro import export
from madang.systems.traffic.micro.district import District
from madang.systems.traffic.micro.inflow import Inflow
from madang.systems.traffic.micro.pockets import whole
from madang.systems.traffic.sources.sumo import line_of
from madang.systems.traffic.sources.xml import elements

Origin = tuple[float, float]


def said(
    district: District,
    plan_of: dict[int, int],
    coming: list[Inflow],
    net: Path,
    origin: Origin,
) -> dict[str, Any]:
    """All of it in metres from the origin; headings in degrees from north.

    lanes: [x, y, x, y, …] each; stops: where a lane meets a signal, and by which of its columns it may
    go; signals: what each column shows until second `ends` of the cycle; entries: vehicles an hour, None
    unknown, and whether that was measured.
    """
    inside, lanes = _lanes(net)
    return {
        "centre": [district.x - origin[0], district.y - origin[1]],
        "radius": district.radius,
        "lanes": [_flat(line, origin) for line in (*inside, *lanes.values())],
        "stops": _stops(district.network, lanes, origin),
        "signals": [_cycle(district.network, signal, plan) for signal, plan in plan_of.items()],
        "entries": [_entry(district.network, each, lanes, origin) for each in coming],
        "edges": sum(whole(key) == key for key in district.network.edges.ids),
    }


def _lanes(net: Path) -> tuple[list[Line], dict[tuple[int, int], Line]]:
    """The lines of lanes as netconvert laid them: within crossings, and by edge and lane."""
    inside: list[Line] = []
    lanes: dict[tuple[int, int], Line] = {}
    for edge in elements(net, frozenset(["edge"])):
        for lane in edge.findall("lane"):
            line = line_of(lane.get("shape", ""))
            if edge.get("function") == "internal":
                inside.append(line)
            elif len(line) > 1:
                lanes[int(edge.get("id", "")[1:]), int(lane.get("index", "0"))] = line
    return inside, lanes


def _stops(
    network: Network, lanes: dict[tuple[int, int], Line], origin: Origin
) -> list[dict[str, Any]]:
    columns: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    turns = network.turns
    for turn in range(len(turns)):
        if turns.signal[turn] >= 0:
            for before, _, lane, _ in export.connections(network, turn):
                columns[before, lane, int(turns.signal[turn])].add(int(turns.column[turn]))
    return [
        _at_end(lanes[edge, lane], origin) | {"signal": signal, "columns": sorted(found)}
        for (edge, lane, signal), found in sorted(columns.items())
        if (edge, lane) in lanes
    ]


def _at_end(line: Line, origin: Origin) -> dict[str, Any]:
    return _place(line[-1], line[-2], line[-1], origin)


def _place(
    at: tuple[float, float], a: tuple[float, float], b: tuple[float, float], origin: Origin
) -> dict[str, Any]:
    heading = math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])) % 360
    return {
        "x": round(at[0] - origin[0], 2),
        "y": round(at[1] - origin[1], 2),
        "heading": round(heading, 1),
    }


def _cycle(network: Network, signal: int, plan: int) -> dict[str, Any]:
    rows = export.stretches(network, signal, plan)
    ends = [sum(one.seconds for one in rows[: n + 1]) for n in range(len(rows))]
    return {
        "offset": float(network.signals.offset[plan]),
        "ends": ends,
        "shows": [one.states for one in rows],
    }


def _entry(
    network: Network, each: Inflow, lanes: dict[tuple[int, int], Line], origin: Origin
) -> dict[str, Any]:
    line = lanes.get((each.edge, 0)) or [(0.0, 0.0), (0.0, 1.0)]
    volume = None if each.volume is None else round(each.volume)
    name = network.edges.names[each.edge] or network.edges.ids[each.edge]
    place = _place(line[0], line[0], line[1], origin)
    return place | {"name": name, "volume": volume, "measured": each.measured}


def _flat(line: Line, origin: Origin) -> list[float]:
    return [round(n - o, 1) for point in line for n, o in zip(point, origin, strict=True)]
