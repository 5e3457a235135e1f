"""Korean names for who does not read Hangul: the standard's own examples, names of roads and districts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.city.hangul import katakana, romanised
from madang.ground.city.spelling import SPELL, named, spelled

# 국어의 로마자 표기법 (2000), chapters 2 and 3: its own examples of names that follow its rules.
STANDARD = {
    "구미": "Gumi", "영동": "Yeongdong", "백암": "Baegam", "옥천": "Okcheon",
    "합덕": "Hapdeok", "호법": "Hobeop", "월곶": "Wolgot", "벚꽃": "Beotkkot",
    "한밭": "Hanbat", "구리": "Guri", "설악": "Seorak", "칠곡": "Chilgok",
    "임실": "Imsil", "울릉": "Ulleung", "대관령": "Daegwallyeong", "백마": "Baengma",
    "종로": "Jongno", "왕십리": "Wangsimni", "별내": "Byeollae", "신라": "Silla",
    "해돋이": "Haedoji", "놓다": "Nota", "묵호": "Mukho", "집현전": "Jiphyeonjeon",
    "압구정": "Apgujeong", "낙동강": "Nakdonggang", "죽변": "Jukbyeon", "낙성대": "Nakseongdae",
    "합정": "Hapjeong", "팔당": "Paldang", "샛별": "Saetbyeol", "울산": "Ulsan",
    "중앙": "Jungang", "반구대": "Bangudae", "세운": "Seun", "해운대": "Haeundae",
    "부산": "Busan", "세종": "Sejong", "남산": "Namsan", "속리산": "Songnisan",
    "금강": "Geumgang", "독도": "Dokdo", "경복궁": "Gyeongbokgung", "무량수전": "Muryangsujeon",
    "극락전": "Geungnakjeon", "안압지": "Anapji", "화랑대": "Hwarangdae", "불국사": "Bulguksa",
    "독립문": "Dongnimmun", "촉석루": "Chokseongnu", "다보탑": "Dabotap", "삼죽": "Samjuk",
}  # fmt: skip


def test_the_examples_of_the_standard_are_written_as_it_writes_them() -> None:
    assert {word: romanised(word) for word in STANDARD} == STANDARD


@pytest.mark.parametrize(
    ("name", "english", "japanese"),
    [
        ("정조로", "Jeongjo-ro", "チョンジョ路"),
        ("경수대로", "Gyeongsu-daero", "キョンス大路"),
        ("권광로123번길", "Gwongwang-ro 123beon-gil", "クォングァン路123番キル"),
        ("경수대로466번길", "Gyeongsu-daero 466beon-gil", "キョンス大路466番キル"),
        ("종로3가", "Jong-ro 3-ga", "チョン路3街"),
        ("신문로", "Sinmun-ro", "シンムン路"),  # nothing joins across the hyphen
        ("영통구", "Yeongtong-gu", "ヨントン区"),
        ("매탄1동", "Maetan 1-dong", "メタン1洞"),
        ("행궁동", "Haenggung-dong", "ヘングン洞"),
        ("수원시 팔달구", "Suwon-si Paldal-gu", "スウォン市 パルダル区"),
        ("영동고속도로", "Yeongdong Expressway", "ヨンドン高速道路"),
        ("로", "Ro", "ロ"),
        ("A1", "", ""),
        ("", "", ""),
    ],
)
def test_names_of_roads_and_districts(name: str, english: str, japanese: str) -> None:
    assert (spelled(name, "en"), spelled(name, "ja")) == (english, japanese)


def test_a_name_that_the_data_give_is_never_spelled_anew() -> None:
    given_ = {"ko": "월드컵로", "en": "World Cup-ro"}
    assert named(given_, "en", "?") == "World Cup-ro"
    assert named(given_, "ja", "?") == "ウォルドゥコプ路"
    assert named({"en": "Seoul"}, "ja", "?") == "Seoul"
    assert named(given_, "ko", "?") == "월드컵로"
    assert named({}, "ja", "?") == "?"


@given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=6))
def test_every_syllable_has_a_spelling_without_hangul(word: str) -> None:
    assert not word or romanised(word).isascii()
    assert not any("가" <= letter <= "힣" or "ㄱ" <= letter <= "ㅣ" for letter in katakana(word))
    assert all(isinstance(spelled(word, language), str) for language in SPELL)
