"""OpenStreetMap by way of netconvert: streets for cars, their lanes and turns."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.sources.netconvert import convert
from madang.systems.traffic.sources.sumo import read_net

OPTIONS = (
    "--geometry.remove", "--ramps.guess", "--junctions.join", "--keep-edges.by-vclass",
    "passenger", "--remove-edges.isolated", "--output.street-names",
)  # fmt: skip
PLANS = ("--tls.guess-signals", "--tls.discard-simple", "--tls.join")
NO_PLANS = ("--tls.discard-loaded",)


def read_osm(path: Path, crs: str | None = None, *, assume_plans: bool = False) -> Draft:
    """The streets of an OpenStreetMap file (XML, also gzipped).

    OpenStreetMap knows where signals stand but not their plans: with assume_plans plausible ones are
    made and marked as assumed, else crossings with signals are crossings without.
    """
    with tempfile.TemporaryDirectory(prefix="madang-") as folder:
        signals = PLANS if assume_plans else NO_PLANS
        arguments = ("--osm-files", str(path), *OPTIONS, *signals)
        draft = read_net(convert(arguments, Path(folder) / "osm.net.xml"), crs)
    _mark(draft) if assume_plans else _without_signals(draft)
    return draft


def _mark(draft: Draft) -> None:
    draft.controllers = [
        replace(each, programs=tuple(replace(p, assumed=True) for p in each.programs))
        for each in draft.controllers
    ]


def _without_signals(draft: Draft) -> None:
    draft.controllers = []
    for link in draft.links or []:
        link.controller, link.column = "", -1
