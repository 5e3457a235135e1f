"""Names of roads and districts for who does not read Hangul, where the city's data have them in Korean alone.

Latin letters by the Revised Romanization, with the endings that road signs and addresses have after a
hyphen (-ro, -gil, -dong); Japanese in katakana with the ending's own character. A name that the data
give in a language is never spelled anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from madang.ground.city.hangul import katakana, romanised

SPELL: dict[str, Callable[[str], str]] = {"en": romanised, "ja": katakana}
# A number within: 권광로123번길, 테헤란로4길, 종로3가, 매탄1동. What is written of it in each language.
NUMBERED: tuple[tuple[re.Pattern[str], dict[str, str]], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"(.+)대로(\d+)번길", {"en": "{}-daero {}beon-gil", "ja": "{}大路{}番キル"}),
        (r"(.+)로(\d+)번길", {"en": "{}-ro {}beon-gil", "ja": "{}路{}番キル"}),
        (r"(.+)대로(\d+)길", {"en": "{}-daero {}-gil", "ja": "{}大路{}キル"}),
        (r"(.+)로(\d+)길", {"en": "{}-ro {}-gil", "ja": "{}路{}キル"}),
        (r"(.+)길(\d+)", {"en": "{}-gil {}", "ja": "{}キル{}"}),
        (r"(.+)로(\d+)가", {"en": "{}-ro {}-ga", "ja": "{}路{}街"}),
        (r"(.+?)제?(\d+)동", {"en": "{} {}-dong", "ja": "{}{}洞"}),
        (r"(.+?)제?(\d+)리", {"en": "{} {}-ri", "ja": "{}{}里"}),
    )
)
ENDINGS: dict[str, dict[str, str]] = {
    "도시고속화도로": {"en": " Urban Expressway", "ja": "都市高速道路"},
    "고속국도": {"en": " Expressway", "ja": "高速国道"},
    "고속도로": {"en": " Expressway", "ja": "高速道路"},
    "지하차도": {"en": " Underpass", "ja": "地下車道"},
    "대로": {"en": "-daero", "ja": "大路"},
    "로": {"en": "-ro", "ja": "路"},
    "길": {"en": "-gil", "ja": "キル"},
    "터널": {"en": " Tunnel", "ja": "トンネル"},
    "시": {"en": "-si", "ja": "市"},
    "군": {"en": "-gun", "ja": "郡"},
    "구": {"en": "-gu", "ja": "区"},
    "읍": {"en": "-eup", "ja": "邑"},
    "면": {"en": "-myeon", "ja": "面"},
    "동": {"en": "-dong", "ja": "洞"},
    "리": {"en": "-ri", "ja": "里"},
}
HANGUL = re.compile("[가-힣]")
KEPT = 50_000  # a large city has some 5,000 names of roads


def named(names: dict[str, str], language: str, last: str) -> str:
    """What is shown in language of something with names by language code: the name the data give, else
    the Korean one spelled for it, else any there is, else last."""
    found = names.get(language) or spelled(names.get("ko", ""), language)
    return found or next(iter(names.values()), last)


@lru_cache(maxsize=KEPT)
def spelled(name: str, language: str) -> str:
    """A Korean name of a road or district as language spells it: "" where it cannot, or need not."""
    if language not in SPELL or not HANGUL.search(name):
        return ""
    return " ".join(_word(word, language) for word in name.split())


def _word(word: str, language: str) -> str:
    spell = SPELL[language]
    for pattern, words in NUMBERED:
        if found := pattern.fullmatch(word):
            return words[language].format(spell(found[1]), found[2])
    for ending, words in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return spell(word.removesuffix(ending)) + words[language]
    return spell(word)
