"""Networks in parts as signal centres keep them: nodes, edges, connections and a signal centre's tss.

The parts are SUMO's plain XML with attributes of their own (a dong's code, pockets, lengths); speeds are
km/h where they could not be m/s. netconvert makes the crossings, in whose order of links the plans of
the tss are written; a plan of another number of links does not fit and is listed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.engine.repair import Repair
from madang.systems.traffic.engine.signals import (
    ALL_DAYS,
    Controller,
    Program,
    Turnover,
    from_rows,
)
from madang.systems.traffic.sources.netconvert import convert
from madang.systems.traffic.sources.refusal import UnreadableError
from madang.systems.traffic.sources.sumo import number, read_net
from madang.systems.traffic.sources.xml import elements, root_of

ROOTS = {
    "nodes": "node",
    "edges": "edge",
    "connections": "connection",
    "trafficSignalSystem": "trafficSignal",
}
NEEDED = ("nodes", "edges")
KEPT = {
    "node": ("id", "x", "y", "type", "tl"),
    "edge": ("id", "from", "to", "priority", "numLanes", "speed", "shape", "name", "type"),
    "connection": ("from", "to", "fromLane", "toLane", "tl", "linkIndex"),
}
FASTEST_M_S = 42.0
"""No limit is higher in m/s: a file with faster edges says km/h."""


@dataclass(frozen=True)
class Plans:
    """What a signal centre's file says of one crossing."""

    controller: Controller
    since: date | None
    group: str


def parts_beside(path: Path) -> dict[str, Path]:
    """The parts of the network that path is one of, by the names of their roots."""
    found: dict[str, Path] = {}
    for beside in sorted(path.parent.iterdir()):
        if beside.suffix.lower() in (".xml", ".gz") and beside.is_file():
            try:
                root = root_of(beside)
            except UnreadableError:
                continue
            if root in ROOTS:
                found.setdefault(root, beside)
    return found


def read_plain(parts: dict[str, Path], crs: str | None = None) -> tuple[Draft, list[Repair]]:
    """The network of these parts (by their roots' names), and what was mended while they were read.

    UnreadableError where nodes or edges are not among them.
    """
    missing = [root for root in NEEDED if root not in parts]
    if missing:
        raise UnreadableError("part-missing", parts=", ".join(missing))
    said: list[Repair] = []
    with tempfile.TemporaryDirectory(prefix="madang-") as name:
        folder = Path(name)
        arguments = ["--proj.utm"] if _in_degrees(parts["nodes"]) else []
        for root, option in (("nodes", "-n"), ("edges", "-e"), ("connections", "-x")):
            if root in parts:
                written = _rewrite(parts[root], root, folder, said)
                arguments += [option, str(written)]
        draft = read_net(convert(arguments, folder / "plain.net.xml"), crs)
    _pockets(draft, parts["edges"])
    said += _with_plans(draft, parts)
    return draft, said


def plans_of(path: Path) -> Iterator[Plans]:
    """Each crossing's plans as a signal centre's tss file has them."""
    for element in elements(path, frozenset(["trafficSignal"])):
        yield _plans(element)


def _plans(element: Element) -> Plans:
    programs = tuple(_program(schedule) for schedule in element.findall("schedule"))
    todo = element.find("TODPlan")
    turnovers = [
        Turnover(int(number(plan, "startTime", -1.0)), plan.get("schedule", ""), ALL_DAYS)
        for plan in (todo.findall("plan") if todo is not None else ())
    ]
    if todo is not None and turnovers:
        first = Turnover(0, todo.get("defaultPlan", ""), ALL_DAYS)
        turnovers = [first, *turnovers] if all(t.start_s for t in turnovers) else turnovers
    node = element.get("nodeID", "")
    controller = Controller(
        node,
        programs,
        tuple(turnovers),
        number=element.get("crossNo", "").replace("null", ""),
        name=element.get("crossName", ""),
        nodes=(node,),
    )
    return Plans(controller, _day(element.get("date", "")), element.get("signalGroup", ""))


def _program(schedule: Element) -> Program:
    rows = [
        (
            phase.get("state", ""),
            number(phase, "duration"),
            number(phase, "minDur", 0.0),
            number(phase, "maxDur", 0.0),
        )
        for phase in schedule.findall("phase")
    ]
    key = schedule.get("id", "")
    return Program(key, from_rows(rows), number(schedule, "offset", 0.0), name=f"TOD {key}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _with_plans(draft: Draft, parts: dict[str, Path]) -> list[Repair]:
    """Put the signal centre's plans in the place of those that netconvert made up.

    Where none fit, the crossing runs without a signal: made-up plans would look like the city's.
    """
    if "trafficSignalSystem" not in parts:
        draft.controllers = [_as_assumed(controller) for controller in draft.controllers]
        return []
    real = {
        plans.controller.key: plans.controller for plans in plans_of(parts["trafficSignalSystem"])
    }
    made = {controller.key: controller for controller in draft.controllers}
    said = [Repair("plans-without-crossing", key) for key in real if key not in made]
    said += [Repair("signal-without-plans", key) for key in made if key not in real]
    draft.controllers = [replace(real[key], nodes=made[key].nodes) for key in made if key in real]
    return said


def _as_assumed(controller: Controller) -> Controller:
    return replace(
        controller, programs=tuple(replace(p, assumed=True) for p in controller.programs)
    )


def _in_degrees(nodes: Path) -> bool:
    return all(
        abs(number(node, "x", 999.0)) <= 180 and abs(number(node, "y", 999.0)) <= 90
        for node in elements(nodes, frozenset(["node"]))
    )


def _rewrite(path: Path, root: str, folder: Path, said: list[Repair]) -> Path:
    """The part with the attributes that SUMO knows, and speeds in m/s."""
    tag = ROOTS[root]
    fast = root == "edges" and any(
        number(edge, "speed", 0.0) > FASTEST_M_S for edge in elements(path, frozenset(["edge"]))
    )
    if fast:
        said.append(Repair("speeds-in-kmh", path.name))
    out = folder / f"{root}.xml"
    with out.open("w", encoding="utf-8") as file:
        file.write(f"<{root}>\n")
        for element in elements(path, frozenset([tag])):
            file.write(_line(element, tag, 3.6 if fast else 1.0))
        file.write(f"</{root}>\n")
    return out


def _line(element: Element, tag: str, divide: float) -> str:
    kept = {name: element.get(name) for name in KEPT[tag] if element.get(name) is not None}
    if "speed" in kept:
        kept["speed"] = f"{number(element, 'speed', 0.0) / divide:.4f}"
    return f"<{tag} {' '.join(f'{k}={quoteattr(str(v))}' for k, v in kept.items())}/>\n"


def _pockets(draft: Draft, edges: Path) -> None:
    """Lanes added for turning, which the parts name and netconvert does not know; -1 is unknown."""
    known = {edge.key: edge for edge in draft.edges}
    for element in elements(edges, frozenset(["edge"])):
        edge = known.get(element.get("id", ""))
        if edge is not None:
            edge.pocket_left = max(0, int(number(element, "left_pocket", 0.0)))
            edge.pocket_right = max(0, int(number(element, "right_pocket", 0.0)))
