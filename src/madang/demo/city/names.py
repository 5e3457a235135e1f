"""Invented Korean names for streets and places, and the same names in English and Japanese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from madang.demo.city.chance import chance
from madang.ground.city.hangul import katakana, romanised

FIRST = (
    "달", "별", "솔", "샘", "새", "한", "은", "참", "꽃", "들", "물", "봄", "빛", "숲", "온", "하늘",
    "초롱", "구름", "바람", "노을", "아침", "다솜", "나래", "미르", "누리",
)  # fmt: skip
SECOND = (
    "내", "빛", "재", "울", "터", "마루", "벌", "골", "숲", "나루", "뫼", "여울", "언덕", "바위", "가람",
    "다리",
)  # fmt: skip
SIDES = ("동", "서", "남", "북", "중앙", "큰")

NUMBERED: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"(.+?)로(\d+)번길"), "-ro {}beon-gil", "路{}番キル"),
    (re.compile(r"(.+?)로(\d)가"), "-ro {}-ga", "路{}街"),
)

# Korean endings: how a name is finished in English and in Japanese.
ENDINGS: tuple[tuple[str, str, str], ...] = (
    ("고속도로", " Expressway", "高速道路"), ("도시고속화도로", " Urban Expressway", "都市高速道路"),
    ("대로", "-daero", "大路"), ("로", "-ro", "路"), ("길", "-gil", "キル"),
    ("초등학교", " Elementary School", "小学校"), ("중학교", " Middle School", "中学校"),
    ("고등학교", " High School", "高校"), ("유치원", " Kindergarten", "幼稚園"),
    ("대학교병원", " University Hospital", "大学校病院"), ("대학교", " University", "大学校"),
    ("종합병원", " General Hospital", "総合病院"), ("병원", " Hospital", "病院"),
    ("119안전센터", " 119 Safety Centre", "119安全センター"), ("소방서", " Fire Station", "消防署"),
    ("경찰서", " Police Station", "警察署"), ("지구대", " Police Precinct", "地区隊"),
    ("파출소", " Police Box", "派出所"), ("행정복지센터", " Community Centre", "行政福祉センター"),
    ("시청", " City Hall", "市庁"), ("구청", "-gu Office", "区庁"), ("구", "-gu", "区"),
    ("동", "-dong", "洞"), ("어린이공원", " Children's Park", "子ども公園"), ("공원", " Park", "公園"),
    ("지하차도", " Underpass", "地下車道"), ("저수지", " Reservoir", "貯水池"), ("호수", " Lake", "湖"),
    ("천", "cheon Stream", "川"), ("산", "san Mountain", "山"), ("역", " Station", "駅"),
    ("사거리", " Crossroads", "交差点"), ("삼거리", " Three-way Crossing", "三差路"),
    ("전통시장", " Traditional Market", "伝統市場"), ("도서관", " Library", "図書館"),
    ("공영주차장", " Public Car Park", "公営駐車場"), ("경로당", " Senior Centre", "敬老堂"),
    ("무더위쉼터", " Heat Shelter", "暑さ避難所"), ("입구", " Entrance", "入口"),
    ("무인단속카메라", "Speed Camera", "速度取締カメラ"), ("그늘막", "Shade Canopy", "日よけ"),
    ("어린이보호구역", "Child Protection Zone", "子ども保護区域"),
    ("터널", " Tunnel", "トンネル"), ("관측소", " Observatory", "観測所"), ("시", " City", "市"),
    ("선", " Line", "線"),
)  # fmt: skip


class Names:
    """Gives out names, each once for a purpose. Which come first is the seed's and the purpose's."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._given: dict[str, Iterator[str]] = {}

    def root(self, purpose: str) -> str:
        """A root that has not been given for purpose yet."""
        if purpose not in self._given:
            self._given[purpose] = self._all(purpose)
        return next(self._given[purpose])

    def _all(self, purpose: str) -> Iterator[str]:
        roots = [first + second for first in FIRST for second in SECOND if first != second]
        mixed = [roots[at] for at in chance(self._seed, f"names {purpose}").permutation(len(roots))]
        yield from mixed
        for side in SIDES:
            yield from (root + side for root in mixed)
        number = 2
        while True:
            yield from (f"{root}{number}" for root in mixed)
            number += 1


def english(name: str) -> str:
    """name as an English map writes it: Dalbit-ro, Saemgol Elementary School."""
    return _spelled(name, romanised, 1)


def japanese(name: str) -> str:
    """name as a Japanese map writes it: タルビッ路, セムゴル小学校."""
    return _spelled(name, katakana, 2)


def by_language(name: str) -> dict[str, str]:
    return {"ko": name, "en": english(name), "ja": japanese(name)}


def _spelled(name: str, spell: Callable[[str], str], language: int) -> str:
    if " " in name:
        return " ".join(_spelled(word, spell, language) for word in name.split(" "))
    for pattern, *finish in NUMBERED:
        if found := pattern.fullmatch(name):
            return spell(found[1]) + finish[language - 1].format(found[2])
    for ending in ENDINGS:
        if name == ending[0] and ending[language][0] not in "- ":
            return ending[language]
        if name.endswith(ending[0]) and len(name) > len(ending[0]):
            return spell(name.removesuffix(ending[0])) + ending[language]
    return spell(name)
