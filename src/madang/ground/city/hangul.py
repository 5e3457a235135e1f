"""Korean names in Latin letters (국어의 로마자 표기법, 2000) and in katakana.

Written for place names: sounds join within a word as they are spoken (chapter 3, rule 1); what comes
before -ro, -gil, -dong and the like ends before the hyphen, and joins nothing across it (rule 5). What
no rule tells is not here: sounds put between two words (학여울), names that are written otherwise by
custom (rule 7). Katakana follows how Japanese maps write Korean places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
# The final consonants as they are heard at a syllable's end.
SOUNDED = dict.fromkeys("ㄱㄲㄳㄺㅋ", "k") | dict.fromkeys("ㄴㄵㄶ", "n")
SOUNDED |= dict.fromkeys("ㄷㅅㅆㅈㅊㅌㅎ", "t") | dict.fromkeys("ㄹㄼㄽㄾㅀ", "l")
SOUNDED |= dict.fromkeys("ㅁㄻ", "m") | dict.fromkeys("ㅂㅄㄿㅍ", "p") | {"ㅇ": "ng", "": ""}
NASAL = {"k": "ng", "t": "n", "p": "m"}
# Finals of two letters before a vowel: what stays, and what begins the next syllable.
SPLIT = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
PALATAL = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}
ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅈ": "ㅊ"}

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
    """A syllable as it is written (final a letter), or as it is heard (final of SOUNDED)."""

    initial: str
    vowel: str
    final: str


def romanised(word: str) -> str:
    """word in Latin letters, its first letter large; what is not Hangul stays."""
    before, text = "", ""
    for part in _spoken(word):
        if isinstance(part, str):
            before, text = "", text + part
            continue
        initial = "l" if part.initial == "ㄹ" and before == "l" else LATIN_INITIALS[part.initial]
        text += initial + LATIN_VOWELS[part.vowel] + part.final
        before = part.final
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
        soft = part.final in ("", "n", "m", "ng", "l")
    return "".join(found)


def _spoken(word: str) -> list[Syllable | str]:
    """The syllables as they are heard, each with the one before it."""
    parts = [_syllable(letter) for letter in word]
    for at, part in enumerate(parts):
        if not isinstance(part, Syllable):
            continue
        after = parts[at + 1] if at + 1 < len(parts) else None
        if isinstance(after, Syllable):
            parts[at], parts[at + 1] = _met(part, after)
        else:
            parts[at] = replace(part, final=SOUNDED[part.final])
    return parts


def _met(one: Syllable, other: Syllable) -> tuple[Syllable, Syllable]:
    """A syllable as it is heard before another, and that other, as it then begins."""
    final, initial = one.final, other.initial
    if initial == "ㅇ" and final not in ("", "ㅇ"):
        stays, moves = _moved(final)
        if other.vowel == "ㅣ":
            moves = PALATAL.get(moves, moves)
        return replace(one, final=SOUNDED[stays]), replace(other, initial=moves or "ㅇ")
    if final in ("ㅎ", "ㄶ", "ㅀ") and initial in ASPIRATED:
        heard = "" if final == "ㅎ" else SOUNDED[final]
        return replace(one, final=heard), replace(other, initial=ASPIRATED[initial])
    heard, begins = _joined(SOUNDED[final], initial)
    return replace(one, final=heard), replace(other, initial=begins)


def _moved(final: str) -> tuple[str, str]:
    """What of a final stays before a vowel, and what moves to it; ㅎ is not heard."""
    if final in SPLIT:
        return SPLIT[final][0], SPLIT[final][1:]
    return "", "" if final == "ㅎ" else final


def _joined(heard: str, initial: str) -> tuple[str, str]:
    """A final as it sounds before a consonant, and the consonant after it."""
    if initial in ("ㄴ", "ㅁ") and heard in NASAL:
        return NASAL[heard], initial
    if initial == "ㄹ" and heard in (*NASAL, "m", "ng"):
        return NASAL.get(heard, heard), "ㄴ"
    if {heard, initial} in ({"n", "ㄹ"}, {"l", "ㄴ"}):
        return "l", "ㄹ"
    return heard, initial


def _syllable(letter: str) -> Syllable | str:
    number = ord(letter) - BASE
    if not 0 <= number < len(INITIALS) * len(VOWELS) * len(FINALS):
        return letter
    rest, final = divmod(number, len(FINALS))
    initial, vowel = divmod(rest, len(VOWELS))
    return Syllable(INITIALS[initial], VOWELS[vowel], FINALS[final])


def _kana(part: Syllable, soft: bool) -> str:
    row = KANA_CONSONANTS[part.initial][1 if soft else 0]
    return _open_kana(row, KANA_VOWELS[part.vowel]) + KANA_FINALS[part.final]


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
