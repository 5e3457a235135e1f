"""연속지적도: parcels by their PNU."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from django.utils.translation import gettext_lazy as _

from madang.ground.city.public import Column, Recogniser, Record, Rejected, Row, Source
from madang.systems.climate.models import Parcel
from madang.systems.climate.recognisers.outlines import AREAS
from madang.systems.climate.recognisers.words import PREFIX

DIGITS = 19


@dataclass(frozen=True)
class CadastralMap(Recogniser):
    """A row a parcel."""

    def records(self, row: Row) -> Iterable[Record]:
        if row.geometry is None:
            raise Rejected("no-shape")
        if shapely.get_type_id(row.geometry) not in AREAS:
            raise Rejected("wrong-shape", found=row.geometry.geom_type, expected="Polygon")
        pnu = row.needed("pnu")
        if not (pnu.isdigit() and len(pnu) == DIGITS):
            raise Rejected(f"{PREFIX}no-pnu", column=row.header("pnu"), value=pnu[:40])
        row.day("day")
        return [Record(Parcel, pnu, {"address": row.text("address")[:100]}, row.geometry)]


PARCELS = CadastralMap(
    key="climate-parcels",
    title=_("Cadastral map"),
    source=Source(
        "climate-parcels",
        {"ko": "연속지적도", "en": "Cadastral map", "ja": "地籍図"},
        source="국토교통부 연속지적도",
        attribution="국토교통부 연속지적도",
    ),
    needs=(
        Column("pnu", ("PNU", "고유번호", "필지고유번호")),
        Column("address", ("JIBUN", "지번", "JIBUN_ADDR")),
    ),
    may=(Column("day", ("기준일자", "데이터기준일자")),),
    kind="map",
    order=40,
    stable_key="PNU",
)
