"""Inventories of trees in the columns of public data: 수목명, 흉고직경, 위도, 경도."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from madang.ground.city.public import Column, Recogniser, Record, Rejected, Row, Source
from madang.systems.climate.engine.trees import THICKEST, THINNEST
from madang.systems.climate.models import Tree
from madang.systems.climate.recognisers.words import PREFIX

# Kinds by Jenkins's group of their genus (Jenkins et al. 2003, table 1 and appendix).
GROUPS: Mapping[str, str] = {
    "hard maple, oak, beech": (
        "상수리나무 신갈나무 졸참나무 굴참나무 갈참나무 떡갈나무 대왕참나무 참나무 단풍나무"
        " 당단풍 청단풍 홍단풍 고로쇠나무 너도밤나무"
    ),
    "soft maple, birch": "은단풍 중국단풍 자작나무 박달나무 오리나무",
    "aspen, poplar, willow": (
        "수양버들 버드나무 왕버들 능수버들 이태리포플러 포플러 양버들 미루나무 은사시나무 현사시나무"
    ),
    "mixed hardwood": (
        "은행나무 느티나무 왕벚나무 벚나무 산벚나무 이팝나무 양버즘나무 버즘나무 플라타너스"
        " 회화나무 칠엽수 마로니에 백합나무 튤립나무 아까시나무 밤나무 느릅나무 팽나무 물푸레나무"
        " 층층나무 감나무 살구나무 매화나무 매실나무 모과나무 산수유 배롱나무 목련 백목련"
        " 자귀나무 모감주나무 산딸나무 때죽나무 쪽동백나무 팥배나무 복자기 가죽나무 가중나무"
        " 음나무 두충나무 무궁화 꽃사과 피나무 먼나무 후박나무 가시나무 녹나무"
    ),
    "pine": "소나무 해송 곰솔 잣나무 스트로브잣나무 섬잣나무 백송 리기다소나무 반송",
    "cedar, larch": (
        "메타세쿼이아 메타세콰이어 메타세콰이아 낙우송 낙엽송 일본잎갈나무 편백 화백 측백나무"
        " 향나무 가이즈까향나무 삼나무"
    ),
    "fir, hemlock": "전나무 구상나무 주목 솔송나무",
    "spruce": "가문비나무 독일가문비 독일가문비나무",
}
EQUATION_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds.split()}
SHOWN = ("은행나무", "느티나무", "왕벚나무", "이팝나무", "소나무", "메타세쿼이아")


@dataclass(frozen=True)
class Inventory(Recogniser):
    """A row a tree; one without a number of its own is known by where it stands."""

    def records(self, row: Row) -> Iterable[Record]:
        if row.geometry is None:
            raise Rejected("no-point")
        species = row.needed("species").replace(" ", "")
        if species not in EQUATION_OF:
            column = row.header("species")
            known = f"{', '.join(SHOWN)} … ({len(EQUATION_OF)})"
            raise Rejected(f"{PREFIX}unknown-tree", column=column, value=species[:60], known=known)
        dbh = row.number("dbh")
        if dbh is None or not THINNEST <= dbh <= THICKEST:
            value = row.text("dbh")[:40] or "-"
            raise Rejected(f"{PREFIX}bad-trunk", column=row.header("dbh"), value=value)
        values = {
            "species": species, "equation": EQUATION_OF[species], "dbh": dbh,
            "height": row.number("height"), "as_of": row.day("day"),
        }  # fmt: skip
        number = row.text("number")
        key = number or f"{row.geometry.x:.6f},{row.geometry.y:.6f}"
        return [Record(Tree, key, values, row.geometry, shared=not number)]


INVENTORY = Inventory(
    key="climate-trees",
    title=_("Inventory of trees"),
    source=Source(
        "climate-trees",
        {"ko": "수목 대장", "en": "Inventory of trees", "ja": "樹木台帳"},
    ),
    needs=(
        Column("species", ("수목명", "수종", "수종명", "나무이름")),
        Column("dbh", ("흉고직경", "흉고직경(cm)", "흉고직경(㎝)")),
        Column("lon", ("경도", "WGS84경도", "lon")),
        Column("lat", ("위도", "WGS84위도", "lat")),
    ),
    may=(
        Column("number", ("관리번호", "수목번호", "일련번호")),
        Column("height", ("수고", "수고(m)")),
        Column("day", ("데이터기준일자", "조사일자", "기준일자")),
    ),
    point=("lon", "lat"),
    order=60,
    stable_key="관리번호, or where it stands",
)
