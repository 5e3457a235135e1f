"""SUMO beside the kernel: the same network, vehicles, routes and signals, microscopic and mesoscopic.

Networks come from the wheel `sumo-rl`, which is only read: SUMO_RL=/folder/where/it/is/unpacked, or
an installed one. SUMO's programs run as processes of their own, one a simulation.
"""

from __future__ import annotations

import importlib.util
import os
import random
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

MINUTE = 60
NETWORKS = ("cologne1", "cologne3", "cologne8", "ingolstadt1", "ingolstadt7", "ingolstadt21")


@dataclass(frozen=True)
class Departure:
    """One vehicle: when it leaves (seconds), the edges it drives, and its kind."""

    name: str
    at: float
    route: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Case:
    """What all models are given: a network file, kinds of vehicles as SUMO defines them, departures."""

    name: str
    network: Path
    kinds: dict[str, dict[str, str]]
    departures: list[Departure]
    begin: int
    end: int


@dataclass(frozen=True)
class Observed:
    """What a simulation did. Minutes are of the case's span, in order.

    edges: name → rows of (entered, vehicles on it on average, seconds lost) a minute;
    trips: name → seconds from the wish to leave until the arrival, of those that arrived.
    """

    edges: dict[str, list[tuple[float, float, float]]]
    trips: dict[str, float]
    processor: float  # seconds
    teleports: int = 0


def networks() -> Path | None:
    """The folder of the wheel's networks; None where it is not installed."""
    given = os.environ.get("SUMO_RL")
    if given:
        root = Path(given)
    else:
        found = importlib.util.find_spec("sumo_rl")
        if found is None or not found.submodule_search_locations:
            return None
        root = Path(next(iter(found.submodule_search_locations)))
    folders = [folder for folder in root.rglob("RESCO") if folder.is_dir()]
    return folders[0] if folders else None


def program(name: str) -> str:
    """The path of one of SUMO's programs, from the wheel `eclipse-sumo`."""
    found = importlib.util.find_spec("sumo")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("SUMO is not installed: pip install eclipse-sumo")
    return str(Path(next(iter(found.submodule_search_locations))) / "bin" / name)


def of_wheel(name: str, scale: float, work: Path, seed: int = 1) -> Case:
    """A network of the wheel with its demand times `scale`, routes fixed beforehand."""
    root = networks()
    if root is None:
        raise SystemExit("The networks of sumo-rl are not here: pip install sumo-rl, or SUMO_RL=…")
    network = root / name / f"{name}.net.xml"
    begin, end = _span(root / name / f"{name}.sumocfg")
    routed = work / f"{name}.routed.xml"
    if not routed.exists():
        route(network, root / name / f"{name}.rou.xml", routed)
    kinds, departures = read_routes(routed)
    kept = [each for each in departures if begin <= each.at < end]
    return Case(name, network, kinds, scaled(kept, scale, begin, end, seed), begin, end)


def route(network: Path, trips: Path, out: Path) -> None:
    """Fixed routes for trips, by SUMO's duarouter on an empty network."""
    subprocess.run(
        [program("duarouter"), "-n", network, "--route-files", trips, "-o", out,
         "--ignore-errors", "--no-warnings", "--no-step-log"],
        check=True, capture_output=True)  # fmt: skip


def read_routes(path: Path) -> tuple[dict[str, dict[str, str]], list[Departure]]:
    kinds: dict[str, dict[str, str]] = {}
    departures = []
    for _, each in ElementTree.iterparse(path):
        if each.tag == "vType":
            kinds[each.attrib["id"]] = dict(each.attrib)
        elif each.tag == "vehicle":
            edges = tuple(each.find("route").attrib["edges"].split())  # type: ignore[union-attr]
            kind = each.attrib.get("type", "DEFAULT_VEHTYPE")
            departures.append(
                Departure(each.attrib["id"], float(each.attrib["depart"]), edges, kind)
            )
            each.clear()
    return kinds, departures


def scaled(
    given: list[Departure], scale: float, begin: int, end: int, seed: int
) -> list[Departure]:
    """The same demand `scale` times: whole copies and a drawn share, copies leave within 2 minutes."""
    drawn = random.Random(seed)
    many = []
    for each in given:
        copies = int(scale) + (drawn.random() < scale - int(scale))
        for copy in range(copies):
            at = each.at + (drawn.uniform(-120, 120) if copy else 0)
            at = float(round(min(max(at, begin), end - 1)))
            many.append(Departure(f"{each.name}~{copy}", at, each.route, each.kind))
    return sorted(many, key=lambda each: (each.at, each.name))


def _span(path: Path) -> tuple[int, int]:
    root = ElementTree.parse(path).getroot()
    found = {each.tag: each.attrib["value"] for each in root.iter() if "value" in each.attrib}
    return int(float(found["begin"])), int(float(found["end"]))


def run(case: Case, work: Path, meso: bool, seed: int = 1, minutes: bool = True) -> Observed:
    """Simulate case with SUMO as it is delivered; meso: its mesoscopic model with junction control."""
    mark = f"{case.name}-{'meso' if meso else 'micro'}-{seed}"
    routes, edges, trips = (work / f"{mark}.{what}.xml" for what in ("rou", "edges", "trips"))
    added = work / f"{mark}.add.xml"
    write_routes(case, routes)
    added.write_text(
        f'<additional><edgeData id="m" freq="{MINUTE}" file="{edges}" excludeEmpty="true"/>'
        "</additional>"
    )
    command = [program("sumo"), "-n", str(case.network), "-r", str(routes),
               "-b", str(case.begin), "-e", str(case.end), "--seed", str(seed),
               "--no-step-log", "--no-warnings", "--tripinfo-output", str(trips),
               "--duration-log.statistics", "--ignore-route-errors"]  # fmt: skip
    if minutes:
        command += ["-a", str(added)]
    if meso:
        command += ["--mesosim", "--meso-junction-control", "true"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=3600).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Observed(
        read_edges(edges, case) if minutes else {}, read_trips(trips), spent, _teleports(said)
    )


def _teleports(said: str) -> int:
    for line in said.splitlines():
        if line.strip().startswith("Teleports:"):
            return int(line.split(":")[1].split()[0])
    return 0


def write_routes(case: Case, path: Path) -> None:
    """Departures with fixed routes; vehicles enter moving, on the lane that suits their route."""
    with path.open("w") as out:
        out.write("<routes>\n")
        for kind in case.kinds.values():
            words = " ".join(f'{key}="{value}"' for key, value in kind.items())
            out.write(f"<vType {words}/>\n")
        for each in case.departures:
            typed = f' type="{each.kind}"' if each.kind in case.kinds else ""
            out.write(
                f'<vehicle id="{each.name}"{typed} depart="{each.at}" departLane="best" '
                f'departSpeed="max"><route edges="{" ".join(each.route)}"/></vehicle>\n'
            )
        out.write("</routes>\n")


def read_edges(path: Path, case: Case) -> dict[str, list[tuple[float, float, float]]]:
    """A minute at a time, the edge's entered (with those who started there), vehicles, seconds lost."""
    length = (case.end - case.begin) // MINUTE
    edges: dict[str, list[tuple[float, float, float]]] = {}
    minute = -1
    for event, each in ElementTree.iterparse(path, events=("start", "end")):
        if event == "start" and each.tag == "interval":
            minute = int((float(each.attrib["begin"]) - case.begin) // MINUTE)
        elif event == "end" and each.tag == "edge" and 0 <= minute < length:
            rows = edges.setdefault(each.attrib["id"], [(0.0, 0.0, 0.0)] * length)
            words = each.attrib
            entered = float(words.get("entered", 0)) + float(words.get("departed", 0))
            present = float(words.get("sampledSeconds", 0)) / MINUTE
            rows[minute] = (entered, present, float(words.get("timeLoss", 0)))
            each.clear()
    return edges


def read_trips(path: Path) -> dict[str, float]:
    return {
        each.attrib["id"]: float(each.attrib["duration"]) + float(each.attrib["departDelay"])
        for _, each in ElementTree.iterparse(path)
        if each.tag == "tripinfo"
    }
