"""Networks, turn rules and signal plans come into a city, are told apart, go out and back again."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from ground.city.bringing import ACTOR, bring_file, bring_files, counts, new_city, plan
from madang.ground.city.domain.undo import undo
from madang.ground.city.reasons import say_note
from madang.systems.traffic.commands import traffic
from madang.systems.traffic.domain import building, networks, programs
from madang.systems.traffic.domain.in_force import in_force
from madang.systems.traffic.engine.signals import Controller, Phase, Program, Turnover
from madang.systems.traffic.models import Crossing, SignalPhase, StreetNetwork, TurnRule
from madang.systems.traffic.operation_table import COLUMNS, write
from madang.systems.traffic.sentences import REPAIRS
from madang.systems.traffic.sources.plain import Plans
from systems.traffic.streets import CROSSING, crossing_file

pytestmark = [pytest.mark.django_db, pytest.mark.one_server]
SHARED = Path(__file__).parents[4] / "shared"
DOAN, SUWON = SHARED / "traffic" / "daejeon_doan", SHARED / "suwon"
real = pytest.mark.skipif(not DOAN.exists(), reason="the real files are not beside the project")

NODES = """<nodes><node id="a" x="127.0" y="36.3" type="priority"/>
<node id="b" x="127.001" y="36.3" type="traffic_light"/><node id="c" x="127.002" y="36.3"/>
<node id="d" x="127.001" y="36.301"/></nodes>"""
EDGES = (
    """<edges>"""
    + "".join(
        f'<edge id="{f}{t}" from="{f}" to="{t}" numLanes="1" speed="50.0" dong_cd="1" left_pocket="-1"/>'
        for f, t in ("ab", "ba", "bc", "cb", "bd", "db")
    )
    + "</edges>"
)
TSS = """<trafficSignalSystem><trafficSignal nodeID="b" crossNo="17" crossName="가운데네거리"
 date="2020-03-02" signalGroup="3"><schedule id="1" offset="4">{rows}</schedule>
<TODPlan defaultPlan="1"><plan schedule="1" startTime="25200"/></TODPlan></trafficSignal>
</trafficSignalSystem>"""
ROWS = (("G" * 9, 30, ' minDur="10" maxDur="40"'), ("y" * 9, 3, ""), ("r" * 8 + "G", 20, ""))


def parts(folder: Path) -> Path:
    rows = "".join(f'<phase state="{s}" duration="{d}"{more}/>' for s, d, more in ROWS)
    for name, content in (("n", NODES), ("e", EDGES), ("tss", TSS.format(rows=rows))):
        (folder / f"{name}.xml").write_text(content)
    return folder


def test_a_sumo_network_is_a_version_said_with_its_repairs_and_undone(tmp_path):
    city = new_city()
    done = bring_file(city, crossing_file(tmp_path))
    row = StreetNetwork.objects.get()
    assert counts(done) == (1, 1, 0, 0, 0)
    assert (row.nodes, row.edges, row.turns, row.signals) == (5, 4, 4, 1)
    assert "옵셋" in " ".join(say_note(each) for each in done.notes)
    assert [each[0] for each in row.repairs][:3] == ["offset-wrapped", *["dangling-end"] * 2]
    network = networks.load(row)
    assert network.signals.offset.tolist() == [10]
    assert counts(bring_file(city, tmp_path / "crossing.net.xml")) == (1, 0, 0, 1, 0)
    (tmp_path / "crossing.net.xml").write_text(CROSSING.replace("13.9", "11.1"))
    newer = bring_file(city, tmp_path / "crossing.net.xml")
    assert StreetNetwork.objects.count() == 2
    undo(newer, ACTOR)
    undo(done, ACTOR)
    assert not StreetNetwork.objects.exists()


def test_parts_are_one_network_with_crossings_and_phases(tmp_path):
    city = new_city()
    done = bring_file(city, parts(tmp_path))
    row = StreetNetwork.objects.get()
    assert (row.kind, row.edges, row.signals, done.derived) == ("parts", 6, 1, 3)
    assert Crossing.objects.get().controller == "17"
    first, second = SignalPhase.objects.order_by("phase")
    assert (first.green_s, first.clearance, first.since.isoformat()) == (
        30,
        [["y" * 9, 3.0]],
        "2020-03-02",
    )
    assert (second.states, second.starts) == ("r" * 8 + "G", [[0, 255], [25200, 255]])
    assert "speeds-in-kmh" in {kind for kind, *_ in row.repairs}
    assert networks.load(row).edges.speed.max() == pytest.approx(50 / 3.6, abs=0.01)


def test_a_part_alone_and_a_broken_network_are_refused_with_what_to_do(tmp_path):
    (tmp_path / "tss.xml").write_text(TSS.format(rows=""))
    (tmp_path / "broken.net.xml").write_text(CROSSING[:500])
    (tmp_path / "empty.net.xml").write_text("<net></net>")
    refusals = {step.name: str(step.refused) for step in plan(tmp_path) if step.refused}
    assert "edges" in refusals["tss.xml"]
    city = new_city()
    states = {done.file: say_note(done.problem) for done in bring_files(city, tmp_path)}
    assert set(states) == {"broken.net.xml", "empty.net.xml"}
    assert "broken.net.xml" in states["broken.net.xml"]
    assert not StreetNetwork.objects.exists()


def test_parts_come_in_an_archive_too(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(tmp_path / "centre.zip", "w") as archive:
        for path in sorted(parts(folder).iterdir()):
            archive.write(path, path.name)
    bring_file(new_city(), tmp_path / "centre.zip")
    assert StreetNetwork.objects.get().name == "centre.zip"


def test_signal_plans_go_out_as_a_spreadsheet_and_come_back_the_same(tmp_path):
    city = new_city()
    bring_file(city, parts(tmp_path))
    out = tmp_path / "plans.xlsx"
    with out.open("wb") as file:
        assert write(city, file) == 2
    before = programs.controllers(city)
    assert counts(bring_file(city, out)) == (2, 0, 0, 2, 0)
    assert programs.controllers(city) == before
    other = new_city("other")
    bring_file(other, out)
    assert programs.controllers(other) == before
    assert before["17"].programs[0].phases[0].most_s == 40


def test_plans_of_the_table_run_on_the_network_and_those_that_do_not_fit_are_told(tmp_path):
    city = new_city()
    assert in_force(city) is None
    bring_file(city, parts(tmp_path))
    rows = SignalPhase.objects.filter(city=city)
    rows.filter(phase=1).update(green_s=41)
    found = in_force(city)
    assert found.misfits == []
    assert found.network.signals.cycle.tolist() == [64]  # 41, 3 of amber, 20
    assert networks.load(StreetNetwork.objects.get()).signals.cycle.tolist() == [53]
    seen = CliRunner().invoke(traffic, ["signals", "--city", city.key, "--at", "2026-03-02T12:00"])
    # noon less the offset of 4 s is 60 s into a cycle, the first phase ends after 44
    assert "17 가운데네거리: plan 1 of 1, phase φ2, cycle 64 s" in seen.output, seen.output
    rows.update(states="G", clearance=[])
    narrow = in_force(city)
    assert [kind for kind, *_ in narrow.misfits] == ["plan-does-not-fit"]
    assert narrow.network.signals.cycle.tolist() == [53]  # its own goes on


def test_two_rings_days_and_pedestrians_survive_the_spreadsheet(tmp_path):
    from madang.ground.city.public import write as keep
    from madang.systems.traffic.operation_table import SOURCE

    phases = (
        Phase("Grr", 30.5, (), 7, 60, 0, 0, 12, 9, "φ1"),
        Phase("rGr", 30.5, (), 7, 60, 1, 0, 0, 0, "φ2"),
    )
    controller = Controller(
        "8", (Program("2", phases, 12.0),), (Turnover(25_205, "2", 0b1011111),), "8", "남문"
    )
    city, other = new_city(), new_city("other")
    keep(city, SOURCE, programs.records([Plans(controller, None, "")]), ACTOR)
    content = BytesIO()
    write(city, content)
    (tmp_path / "plans.xlsx").write_bytes(content.getvalue())
    assert bring_file(other, tmp_path / "plans.xlsx").rejected == 0
    assert programs.controllers(other) == programs.controllers(city) == {"8": controller}
    assert SignalPhase.objects.filter(city=other)[0].starts == [[25_205, 0b1011111]]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("states", "GxG"),
        ("green_s", "-3"),
        ("green_s", "nan"),
        ("starts", "25:00"),
        ("starts", "가 07:00"),
        ("clearance", "yy 3"),
        ("phase", "0"),
        ("most_s", "3"),
        ("crossing", ""),
    ],
)
def test_a_row_of_plans_that_cannot_be_is_rejected_with_its_column(tmp_path, column, value):
    row = {"crossing": "1", "plan": "1", "phase": "1", "states": "GGr", "green_s": "20"}
    row |= {"offset_s": "0", "least_s": "5", "most_s": "30", column: value}
    with (tmp_path / "plans.csv").open("w") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS.values())
        table.writerow([row.get(name, "") for name in COLUMNS])
    done = bring_file(new_city(), tmp_path / "plans.csv")
    assert (done.new, done.rejected) == (0, 1)
    assert done.rejections.get().figures["column"] == COLUMNS[column]


def test_turninfo_bans_turns_of_the_citys_own_links(tmp_path):
    with (tmp_path / "turns.csv").open("w") as file:
        table = csv.writer(file)
        table.writerow(["NODE_ID", "TURN_ID", "ST_LINK", "ED_LINK", "TURN_TYPE", "TURN_OPER"])
        table.writerow(["1", "9", "a", "b", "101", "0"])
        table.writerow(["1", "8", "a", "c", "011", "0"])
        table.writerow(["1", "7", "a", "c", "777", "0"])
    done = bring_file(new_city(), tmp_path / "turns.csv")
    assert counts(done) == (3, 2, 0, 0, 1)
    assert TurnRule.objects.get(key="9").kind in TurnRule.BANS


def test_every_repair_has_words():
    from madang.systems.traffic import engine

    source = "".join(p.read_text() for p in Path(engine.__file__).parent.glob("re*.py"))
    for kind in REPAIRS:
        assert f'"{kind}"' in source or kind in (
            "speeds-in-kmh",
            "plans-without-crossing",
            "signal-without-plans",
        )


@real
def test_doan_is_imported_with_its_plans_and_reported():
    city = new_city("doan")
    done = bring_file(city, DOAN)
    row = StreetNetwork.objects.get()
    assert (row.nodes, row.edges) == (2290, 5445)
    assert row.signals >= 98
    assert (Crossing.objects.count(), done.rejected) == (115, 0)
    network = networks.load(row)
    assert len(network.signals) == row.signals
    assert len(programs.controllers(city)) == 115


@real
def test_suwons_own_links_become_a_network_with_every_repair_listed():
    city = new_city("suwon")
    bring_files(city, SUWON / "road_nodes.geojson", SUWON / "road_links.geojson")
    made = networks.make(building.draft(city, None, False))
    said = [each.kind for each in made.repairs]
    assert len(made.network.edges) == 3028
    assert said.count("speed-from-rank") == 680
    assert said.count("node-missing") == len({*made.network.nodes.ids}) - 1003 + said.count(
        "node-alone"
    )
    building.keep(city, made, None, ACTOR)
    again = building.keep(city, made, None, ACTOR)
    assert (again.new, again.same) == (0, 1)
    assert replace(made.draft) == networks.unpack(bytes(StreetNetwork.objects.get().content))


def test_others_get_ways_on_the_network_in_force(tmp_path):
    from madang.systems.traffic.public import router

    city = new_city()
    assert router(city) is None
    bring_file(city, crossing_file(tmp_path))
    found = router(city)
    ids = found.network.edges.ids
    way = found.way(ids.index("in_s"), ids.index("out_n"))
    assert [ids[edge] for edge in way.edges] == ["in_s", "out_n"]
    assert router(city) is found
