"""Korean names in Latin letters (Revised Romanization, 2000) and in katakana.

Written for place names: sounds join within a word as they are spoken; words before -ro, -gil, -dong
and the like end before the hyphen. Katakana follows how Japanese maps write Korean places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

BASE = 0xAC00
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

LATIN_INITIALS = dict(
    zip(
        INITIALS,
        [
            "g",
            "kk",
            "n",
            "d",
            "tt",
            "r",
            "m",
            "b",
            "pp",
            "s",
            "ss",
            "-",
            "j",
            "jj",
            "ch",
            "k",
            "t",
            "p",
            "h",
        ],
        strict=True,
    )
) | {"ㅇ": ""}
LATIN_VOWELS = dict(
    zip(
        VOWELS,
        [
            "a",
            "ae",
            "ya",
            "yae",
            "eo",
            "e",
            "yeo",
            "ye",
            "o",
            "wa",
            "wae",
            "oe",
            "yo",
            "u",
            "wo",
            "we",
            "wi",
            "yu",
            "eu",
            "ui",
            "i",
        ],
        strict=True,
    )
)
SOUNDED = dict.fromkeys("ㄱㄲㄳㄺㅋ", "k") | dict.fromkeys("ㄴㄵㄶ", "n")
SOUNDED |= dict.fromkeys("ㄷㅅㅆㅈㅊㅌㅎ", "t") | dict.fromkeys("ㄹㄼㄽㄾㅀ", "l")
SOUNDED |= dict.fromkeys("ㅁㄻ", "m") | dict.fromkeys("ㅂㅄㄿㅍ", "p") | {"ㅇ": "ng", "": ""}
BEFORE_NASAL = {"k": "ng", "t": "n", "p": "m"}

KANA_VOWELS = dict(
    zip(
        VOWELS,
        [
            "a",
            "e",
            "ya",
            "ye",
            "o",
            "e",
            "yo",
            "ye",
            "o",
            "wa",
            "we",
            "we",
            "yo",
            "u",
            "wo",
            "we",
            "wi",
            "yu",
            "u",
            "ui",
            "i",
        ],
        strict=True,
    )
)
KANA_ROWS: dict[str, str] = {
    "": "ア イ ウ エ オ", "k": "カ キ ク ケ コ", "g": "ガ ギ グ ゲ ゴ", "s": "サ シ ス セ ソ",
    "j": "ジャ ジ ジュ ジェ ジョ", "ch": "チャ チ チュ チェ チョ", "t": "タ ティ トゥ テ ト",
    "d": "ダ ディ ドゥ デ ド", "n": "ナ ニ ヌ ネ ノ", "h": "ハ ヒ フ ヘ ホ", "b": "バ ビ ブ ベ ボ",
    "p": "パ ピ プ ペ ポ", "m": "マ ミ ム メ モ", "r": "ラ リ ル レ ロ",
}  # fmt: skip
KANA = {row: dict(zip("aiueo", kana.split(), strict=True)) for row, kana in KANA_ROWS.items()}
KANA_CONSONANTS = {
    "ㄱ": ("k", "g"), "ㄲ": ("k", "k"), "ㄴ": ("n", "n"), "ㄷ": ("t", "d"), "ㄸ": ("t", "t"),
    "ㄹ": ("r", "r"), "ㅁ": ("m", "m"), "ㅂ": ("p", "b"), "ㅃ": ("p", "p"), "ㅅ": ("s", "s"),
    "ㅆ": ("s", "s"), "ㅇ": ("", ""), "ㅈ": ("ch", "j"), "ㅉ": ("ch", "ch"), "ㅊ": ("ch", "ch"),
    "ㅋ": ("k", "k"), "ㅌ": ("t", "t"), "ㅍ": ("p", "p"), "ㅎ": ("h", "h"),
}  # fmt: skip
KANA_FINALS = {"k": "ク", "n": "ン", "t": "ッ", "l": "ル", "m": "ム", "p": "プ", "ng": "ン", "": ""}
SMALL = {"ya": "ャ", "yu": "ュ", "yo": "ョ"}
FULL = {"ya": "ヤ", "yu": "ユ", "yo": "ヨ", "ye": "イェ", "wa": "ワ", "wi": "ウィ", "we": "ウェ",
        "wo": "ウォ", "ui": "ウィ"}  # fmt: skip


@dataclass(frozen=True)
class Syllable:
    initial: str
    vowel: str
    final: str


def romanised(word: str) -> str:
    """word in Latin letters, its first letter large; what is not Hangul stays."""
    parts = list(_spoken(word))
    text = "".join(
        part
        if isinstance(part, str)
        else _latin(part, parts[at + 1] if at + 1 < len(parts) else "")
        for at, part in enumerate(parts)
    )
    text = text.replace("lr", "ll").replace("nr", "ll").replace("ln", "ll")
    return text[:1].upper() + text[1:]


def katakana(word: str) -> str:
    """word in katakana; what is not Hangul stays."""
    found, soft = [], False
    for part in _spoken(word):
        if isinstance(part, str):
            found.append(part)
            soft = False
            continue
        found.append(_kana(part, soft))
        soft = SOUNDED[part.final] in ("", "n", "m", "ng", "l")
    return "".join(found)


def _spoken(word: str) -> Iterator[Syllable | str]:
    """Syllables, a final consonant moved to a syllable that begins with none."""
    parts = [_syllable(letter) for letter in word]
    for at, part in enumerate(parts):
        if isinstance(part, str):
            yield part
            continue
        before = parts[at - 1] if at else ""
        after = parts[at + 1] if at + 1 < len(parts) else ""
        initial, final = part.initial, part.final
        if initial == "ㅇ" and isinstance(before, Syllable) and _moves(before.final):
            initial = before.final
        if isinstance(after, Syllable) and after.initial == "ㅇ" and _moves(final):
            final = ""
        yield Syllable(initial, part.vowel, final)


def _moves(final: str) -> bool:
    return final in INITIALS and final not in ("", "ㅇ", "ㅎ")


def _syllable(letter: str) -> Syllable | str:
    number = ord(letter) - BASE
    if not 0 <= number < len(INITIALS) * len(VOWELS) * len(FINALS):
        return letter
    rest, final = divmod(number, len(FINALS))
    initial, vowel = divmod(rest, len(VOWELS))
    return Syllable(INITIALS[initial], VOWELS[vowel], FINALS[final])


def _latin(part: Syllable, after: Syllable | str) -> str:
    final = SOUNDED[part.final]
    follows = after.initial if isinstance(after, Syllable) else ""
    if follows in ("ㄴ", "ㅁ"):
        final = BEFORE_NASAL.get(final, final)
    return LATIN_INITIALS[part.initial] + LATIN_VOWELS[part.vowel] + final


def _kana(part: Syllable, soft: bool) -> str:
    row = KANA_CONSONANTS[part.initial][1 if soft else 0]
    return _open_kana(row, KANA_VOWELS[part.vowel]) + KANA_FINALS[SOUNDED[part.final]]


def _open_kana(row: str, vowel: str) -> str:
    if vowel in KANA[row]:
        return KANA[row][vowel]
    if not row:
        return FULL[vowel]
    if row in ("ch", "j") and vowel in SMALL:
        return KANA[row][vowel[1]]
    if vowel in SMALL:
        return KANA[row]["i"] + SMALL[vowel]
    if vowel in ("ye", "ui"):
        return KANA[row]["e" if vowel == "ye" else "i"]
    return KANA[row]["u"] + {"wa": "ァ", "wi": "ィ", "we": "ェ", "wo": "ォ"}[vowel]
