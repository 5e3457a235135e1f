"""What green roofs, cool roofs and street trees are worth where a city gave nothing of its own.

Every figure has its source, and is shown with it. Where nobody published one it is not here: the cost
of a tree is asked of the planner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.utils.translation import gettext_lazy as _

from madang.ground.web.registry import Text


@dataclass(frozen=True)
class Figure:
    """A coefficient: what, in which unit, who says so and of when."""

    value: float
    unit: str
    source: str
    as_of: str


GETTER = "Getter et al. 2009, Environ. Sci. Technol. 43: 7564-7570"
FAO = "Allen et al. 1998, FAO Irrigation and Drainage Paper 56, table 12"
SEOUL = "서울시 자치구 옥상녹화 지원 공고 2009 (지원 50 %의 두 배)"
LOAD = "서울특별시 옥상녹화 안내, 유형별 하중"
ENERGY_STAR = "US EPA ENERGY STAR Roof Products, low slope, after three years"
OKE = "Oke 1987, Boundary Layer Climates, table 1.1 (grass 0.16-0.26)"

CARBON = Figure(0.375, "kg C/m²", GETTER, "2009-10-01")
EMBODIED = Figure(6.44, "kg C/m²", f"{GETTER} (23.6 kg CO₂/m²)", "2009-10-01")
GRASS_ALBEDO = Figure(0.21, "", OKE, "1987-01-01")


@dataclass(frozen=True)
class Roof:
    """A type of green roof; carbon and load are of what is planted and its soil."""

    title: Text
    kc: Figure
    albedo: Figure
    carbon: Figure
    embodied: Figure
    load: Figure
    cost: Figure


def _roof(title: Text, kc: Figure, load: float, cost: float) -> Roof:
    return Roof(
        title, kc, GRASS_ALBEDO, CARBON, EMBODIED,
        Figure(load, "kgf/m²", LOAD, "2009-01-01"), Figure(cost, "KRW/m²", SEOUL, "2009-01-01"),
    )  # fmt: skip


SEDUM = Figure(
    0.53, "", "Sherrard and Jacobs 2012, J. Hydrol. Eng. 17: 168-175 (sedum)", "2012-01-01"
)
ROOFS: Mapping[str, Roof] = {
    "light": _roof(_("light"), SEDUM, 120, 180_000),
    "mixed": _roof(_("mixed"), Figure(0.85, "", FAO, "1998-01-01"), 200, 216_000),
    "heavy": _roof(_("heavy"), Figure(0.95, "", FAO, "1998-01-01"), 300, 216_000),
}
COOL_ALBEDO = Figure(0.50, "", ENERGY_STAR, "2023-01-01")
TREE_KC = Figure(0.95, "", FAO, "1998-01-01")


@dataclass(frozen=True)
class Species:
    """A street tree and the group of equations that stands for it."""

    title: Text
    equation: str


SPECIES: Mapping[str, Species] = {
    "zelkova": Species(_("Zelkova serrata"), "mixed hardwood"),
    "ginkgo": Species(_("Ginkgo biloba"), "mixed hardwood"),
    "cherry": Species(_("Prunus × yedoensis"), "mixed hardwood"),
    "fringe": Species(_("Chionanthus retusus"), "mixed hardwood"),
    "plane": Species(_("Platanus"), "mixed hardwood"),
    "maple": Species(_("Acer palmatum"), "hard maple, oak, beech"),
    "metasequoia": Species(_("Metasequoia"), "cedar, larch"),
    "pine": Species(_("Pinus densiflora"), "pine"),
}


def coefficients() -> dict[str, dict[str, object]]:
    """All of it as data, for results and reports."""
    found = {
        f"roof.{key}.{name}": getattr(roof, name)
        for key, roof in ROOFS.items()
        for name in ("kc", "albedo", "carbon", "embodied", "load", "cost")
    }
    found |= {"cool.albedo": COOL_ALBEDO, "trees.kc": TREE_KC}
    return {name: asdict(figure) for name, figure in found.items()}
