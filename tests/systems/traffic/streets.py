"""Small networks for tests, drawn as text."""

from __future__ import annotations

from pathlib import Path

from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode
from madang.systems.traffic.engine.network import NodeKind, Rank

CROSSING = """<net version="1.20">
  <location netOffset="0,0" convBoundary="0,0,200,200" projParameter="!"/>
  <edge id=":c_0" function="internal"><lane id=":c_0_0" index="0" length="9.5" speed="8"/></edge>
  <edge id="in_s" from="s" to="c" type="highway.primary">
    <lane id="in_s_0" index="0" allow="pedestrian" length="90" speed="1" shape="102,0 102,90"/>
    <lane id="in_s_1" index="1" length="90" speed="13.9" shape="101,0 101,90"/>
    <lane id="in_s_2" index="2" length="90" speed="13.9" shape="100,0 100,90"/>
  </edge>
  <edge id="in_w" from="w" to="c" type="highway.residential">
    <lane id="in_w_0" index="0" length="90" speed="8.3" shape="0,99 90,99"/></edge>
  <edge id="out_n" from="c" to="n" type="highway.primary">
    <lane id="out_n_0" index="0" length="90" speed="13.9" shape="101,110 101,200"/></edge>
  <edge id="out_e" from="c" to="e" type="highway.residential">
    <lane id="out_e_0" index="0" length="90" speed="8.3" shape="110,99 200,99"/></edge>
  <tlLogic id="c" type="static" programID="day" offset="70">
    <phase duration="30" minDur="10" maxDur="40" state="GGrG"/>
    <phase duration="3" state="yyrG"/>
    <phase duration="2" state="rrrG"/>
    <phase duration="20" state="rrGG"/>
    <phase duration="5" state="rryG"/>
  </tlLogic>
  <junction id="c" type="traffic_light" x="100" y="100" incLanes="in_s_1 in_s_2 in_w_0" intLanes=":c_0_0">
    <request index="0" response="0000" foes="0000"/>
    <request index="1" response="0000" foes="1100"/>
    <request index="2" response="0010" foes="0010"/>
    <request index="3" response="0010" foes="0010"/>
  </junction>
  <junction id="s" type="dead_end" x="100" y="0"/>
  <junction id="w" type="dead_end" x="0" y="100"/>
  <junction id="n" type="dead_end" x="100" y="200"/>
  <junction id="e" type="dead_end" x="200" y="100"/>
  <connection from="in_s" to="out_e" fromLane="1" toLane="0" via=":c_0_0"
    tl="c" linkIndex="0" dir="r" state="o"/>
  <connection from="in_s" to="out_n" fromLane="2" toLane="0" tl="c" linkIndex="1" dir="s" state="O"/>
  <connection from="in_w" to="out_n" fromLane="0" toLane="0" tl="c" linkIndex="2" dir="l" state="o"/>
  <connection from="in_w" to="out_e" fromLane="0" toLane="0" tl="c" linkIndex="3" dir="s" state="o"/>
</net>"""


def crossing_file(folder: Path) -> Path:
    path = folder / "crossing.net.xml"
    path.write_text(CROSSING)
    return path


def grid(columns: int, rows: int, block_m: float = 200.0) -> Draft:
    """Streets both ways around blocks, without signals."""
    draft = Draft()
    for x in range(columns):
        for y in range(rows):
            draft.nodes.append(DraftNode(f"{x},{y}", x * block_m, y * block_m, NodeKind.PRIORITY))
            for beside in ((x + 1, y), (x, y + 1)):
                if beside[0] < columns and beside[1] < rows:
                    _both(draft, f"{x},{y}", f"{beside[0]},{beside[1]}", block_m)
    return draft


def side_street() -> Draft:
    """A main street from west to east and back, and a smaller one that ends on it from the south."""
    places = {"w": (-400.0, 0.0), "c": (0.0, 0.0), "e": (400.0, 0.0), "s": (0.0, -200.0)}
    draft = Draft([DraftNode(n, x, y, NodeKind.PRIORITY) for n, (x, y) in places.items()])
    for arm, length, rank in (
        ("w", 400.0, Rank.CITY),
        ("e", 400.0, Rank.CITY),
        ("s", 200.0, Rank.LOCAL),
    ):
        for a, b in ((arm, "c"), ("c", arm)):
            draft.edges.append(DraftEdge(f"{a}>{b}", a, b, length, 50 / 3.6, 1, rank))
    return draft


def three_ways() -> Draft:
    """A street of three lanes and before it another; each lane of the second leads another way."""
    places = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (160.0, 0.0), "r": (160.0, -100.0),
              "t": (260.0, 0.0), "l": (160.0, 100.0)}  # fmt: skip
    draft = Draft([DraftNode(n, x, y, NodeKind.PRIORITY) for n, (x, y) in places.items()])
    for a, b, length, lanes in (
        ("a", "b", 100.0, 3), ("b", "c", 60.0, 3), ("c", "r", 100.0, 1), ("c", "t", 100.0, 1),
        ("c", "l", 100.0, 1),
    ):  # fmt: skip
        draft.edges.append(DraftEdge(f"{a}>{b}", a, b, length, 50 / 3.6, lanes, Rank.CITY))
    draft.links = [DraftLink("a>b", "b>c", lane, lane) for lane in range(3)]
    draft.links += [DraftLink("b>c", f"c>{way}", lane, 0) for lane, way in enumerate("rtl")]
    return draft


def _both(draft: Draft, one: str, other: str, length: float) -> None:
    for a, b in ((one, other), (other, one)):
        draft.edges.append(DraftEdge(f"{a}>{b}", a, b, length, 50 / 3.6, 2, Rank.CITY))
