"""Windows of real networks, where they lie beside the project: each is built by netconvert and drives."""

from __future__ import annotations

import asyncio
import importlib.util
import math
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from madang.systems.traffic.domain.networks import make
from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.micro import export, inflow
from madang.systems.traffic.micro.district import District, cut
from madang.systems.traffic.micro.opening import warmed
from madang.systems.traffic.micro.pockets import whole
from madang.systems.traffic.micro.sumo import Frame, Sumo
from madang.systems.traffic.sources.osm import read_osm
from madang.systems.traffic.sources.plain import parts_beside, read_plain
from systems.traffic.micro_support import BEGIN

SHARED = Path(os.environ.get("MADANG_SHARED", Path(__file__).parents[4] / "shared"))
DOAN, JAMSIL = SHARED / "traffic" / "daejeon_doan", SHARED / "traffic" / "seoul_jamsil.osm"
SUWON = SHARED / "suwon"
SECONDS = 90
A_LANE = 300.0  # vehicles an hour
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("sumo") is None,
    reason="SUMO is not installed: pip install eclipse-sumo",
)


@cache
def doan() -> Draft:
    draft, said = read_plain(parts_beside(DOAN / "node.xml"))
    return make(draft, said).draft


@cache
def jamsil() -> Draft:
    return make(read_osm(JAMSIL, assume_plans=True)).draft


def lies(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not path.exists(), reason=f"{path} is not beside the project")


@pytest.mark.parametrize(
    ("read", "pockets"),
    [
        pytest.param(doan, True, marks=lies(DOAN), id="doan"),
        pytest.param(jamsil, False, marks=lies(JAMSIL), id="jamsil"),
    ],
)
def test_districts_of_real_networks_are_built_and_drive(
    read: Callable[[], Draft], pockets: bool, tmp_path: Path
) -> None:
    draft = read()
    drives(cut(draft, *busiest(draft, pockets)), tmp_path, pockets)


@lies(SUWON)
@pytest.mark.django_db
def test_a_district_of_the_citys_own_links_is_built_and_drives(tmp_path: Path) -> None:
    from ground.city.bringing import bring_file, new_city
    from madang.systems.traffic.domain.standard import draft_of

    city = new_city("suwon")
    for name in ("road_nodes.geojson", "road_links.geojson"):
        bring_file(city, SUWON / name)
    draft = make(draft_of(city)).draft
    drives(cut(draft, *busiest(draft, False)), tmp_path, pockets=False)


def busiest(draft: Draft, pockets: bool) -> tuple[float, float]:
    """The crossing with most of them around it: of pockets, or else of controllers, or else of streets."""
    places = {node.key: (node.x or 0.0, node.y or 0.0) for node in draft.nodes}
    lit = [places[key] for one in draft.controllers for key in one.nodes]
    wide = [places[e.to_node] for e in draft.edges if e.pocket_left or e.pocket_right]
    ends = [places[edge.to_node] for edge in draft.edges]
    near = np.array(wide if pockets else lit or ends)
    counts = [int((np.hypot(*(near - at).T) < 300).sum()) for at in near]
    return tuple(near[int(np.argmax(counts))].tolist())


def drives(district: District, folder: Path, pockets: bool) -> None:
    """SUMO takes the district as it is, everybody on it at its beginning, and they drive."""
    network = district.network
    assert any(whole(key) != key for key in network.edges.ids) == pockets
    expected = A_LANE * network.edges.lanes
    coming = inflow.inflows(district, expected, {})
    plans = {s: int(network.signals.plan_first[s]) for s in range(len(network.signals))}
    handed = warmed(
        district, inflow.Coming(coming, expected), BEGIN, BEGIN + SECONDS, day=0, seed=1
    )
    assert len(handed.placed) > 20
    assert handed.left_out <= 0.05 * len(handed.placed)
    net = export.street(network, plans, folder)
    vehicles = export.traffic(handed, folder / "d.rou.xml")
    frames = asyncio.run(played(net, vehicles))
    assert frames[-1].at == pytest.approx(BEGIN + SECONDS, abs=1)
    assert len(frames[0].ids) >= 0.98 * len(handed.placed), "the others wait for room"
    went = {who: (x, y) for who, x, y in zip(frames[0].ids, frames[0].x, frames[0].y, strict=True)}
    far = [
        math.hypot(x - went[who][0], y - went[who][1])
        for frame in frames
        for who, x, y in zip(frame.ids, frame.x, frame.y, strict=True)
        if who in went
    ]
    assert max(far) > 100
    assert len(set(frames[0].ids) - set(frames[-1].ids)) > 0.1 * len(frames[0].ids), "some left"


async def played(net: Path, vehicles: Path) -> list[Frame]:
    sumo = await Sumo.start(net, vehicles, BEGIN, BEGIN + SECONDS, seed=1)
    try:
        return [frame async for frame in sumo.frames()]
    finally:
        await sumo.close()
