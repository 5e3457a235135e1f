"""The words of every room in Korean and Japanese: `extract` renews the catalogues, `check` judges them.

One gettext domain for Python, templates, TypeScript and Svelte; a catalogue in each room:
src/madang/<room>/locale/<language>/LC_MESSAGES/django.po. `extract` keeps what is translated, adds what
is new (taking another room's words for the same message) and drops what no source says any more.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polib
from babel.messages.extract import extract_python

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "madang"
FRONT = ROOT / "frontend"
CONSOLE = SOURCES / "ground" / "console"
CLIMATE = SOURCES / "systems" / "climate"
CAMERAS = SOURCES / "systems" / "cameras"
# whose words a folder of the front end says
ROOM_OF = {"console": CONSOLE, "studio": CLIMATE, "wall": CAMERAS, "playback": CAMERAS}
SHELL = SOURCES / "ground" / "web"  # what belongs to no application of its own is the shell's
LANGUAGES = ("ko", "ja")

LITERAL = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(
    rf"\b(_|n?p?gettext)\(\s*u?{LITERAL}(?:,\s*u?{LITERAL})?(?:,\s*u?{LITERAL})?"
)
SCRIPT_CALL = re.compile(r'\b(t|tn)\(\s*("(?:[^"\\]|\\.)*")(?:,\s*("(?:[^"\\]|\\.)*"))?')
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z](?![a-z])|\{\w*\}")
OTHER_SCRIPT = re.compile(r"[가-힣ぁ-ヿ一-龯]")
# function → which arguments are context, message and plural
SHAPES = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], (None, 0, None)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (None, 0, 1)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], (0, 1, None)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], (0, 1, 2)),
    "t": (None, 0, None),
    "tn": (None, 0, 1),
}


@dataclass(frozen=True)
class Key:
    """What tells one message from another."""

    text: str
    context: str | None = None


@dataclass
class Message:
    """A message of the sources, and the files that say it."""

    key: Key
    plural: str | None = None
    files: set[str] = field(default_factory=set)


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in ("extract", "check"):
        raise SystemExit("Say what to do: python tools/translations.py extract|check")
    configure()
    rooms = sources_by_room()
    if command == "extract":
        extract(rooms)
        return
    faults = list(check(rooms))
    for fault in faults:
        print(fault)
    if faults:
        raise SystemExit(
            f"{len(faults)} faults in the translations. "
            "Run tools/translations.py extract and write what is missing."
        )


def configure() -> None:
    """Django reads templates only when it is set up."""
    from django.conf import settings

    settings.configure(USE_I18N=True)


def sources_by_room() -> dict[Path, list[Path]]:
    """Room (the folder that holds its locale folder) → its sources."""
    rooms: dict[Path, list[Path]] = defaultdict(list)
    applications = {path.parent for path in SOURCES.rglob("apps.py")}
    for path in walk(SOURCES, (".py", ".html", ".txt")):
        owner = next((p for p in path.parents if p in applications), SHELL)
        rooms[owner].append(path)
    for path in walk(FRONT, (".ts", ".svelte")):
        part = FRONT / path.relative_to(FRONT).parts[0]
        if not path.name.endswith(".test.ts"):
            rooms[ROOM_OF.get(part.name, SHELL)].append(path)
    return rooms


def walk(top: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for folder, below, names in os.walk(top):
        below[:] = sorted(set(below) - {"node_modules", "dist", "tooling", "migrations", "locale"})
        yield from (Path(folder) / name for name in sorted(names) if name.endswith(endings))


def messages_of(paths: Iterable[Path]) -> dict[Key, Message]:
    found: dict[Key, Message] = {}
    for path in paths:
        for function, arguments in calls(path):
            context, text, plural = (
                arguments[place] if place is not None and place < len(arguments) else None
                for place in SHAPES[function]
            )
            if not text:
                continue
            key = Key(text, context)
            message = found.setdefault(key, Message(key, plural))
            message.plural = message.plural or plural
            message.files.add(str(path.relative_to(ROOT)))
    return found


def calls(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Every translating call of a source: the function's name and its literal arguments."""
    if path.suffix == ".py":
        yield from python_calls(path)
    elif path.suffix in (".ts", ".svelte"):
        yield from literal_calls(SCRIPT_CALL, path.read_text())
    else:
        from django.utils.translation.template import templatize

        yield from literal_calls(TEMPLATE_CALL, templatize(path.read_text()))


def python_calls(path: Path) -> Iterator[tuple[str, list[str]]]:
    with path.open("rb") as file:
        for _line, function, arguments, _comments in extract_python(
            file, list(SHAPES), [], {"encoding": "utf-8"}
        ):
            words = (arguments,) if isinstance(arguments, str) else arguments
            yield function, [word or "" for word in words]


def literal_calls(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, list[str]]]:
    for match in pattern.finditer(text):
        yield match[1], [ast.literal_eval(one) for one in match.groups()[1:] if one]


def extract(rooms: dict[Path, list[Path]]) -> None:
    known = {language: words_of_all(language) for language in LANGUAGES}
    for room, paths in sorted(rooms.items()):
        wanted = messages_of(paths)
        for language in LANGUAGES:
            renew(catalogue_path(room, language), language, wanted, known[language])


def renew(
    path: Path, language: str, wanted: dict[Key, Message], known: dict[Key, polib.POEntry]
) -> None:
    """Write the catalogue of one room anew: the wanted messages and no others."""
    if not wanted:
        path.unlink(missing_ok=True)
        return
    old = {key_of(entry): entry for entry in read(path)}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": language,
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    for key in sorted(wanted, key=lambda key: (key.text.lower(), key.text, key.context or "")):
        fresh.append(entry_for(wanted[key], old.get(key) or known.get(key)))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = str(fresh) + "\n"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        print(f"{path.relative_to(ROOT)}: {len(fresh.untranslated_entries())} to translate")


def entry_for(message: Message, old: polib.POEntry | None) -> polib.POEntry:
    made = polib.POEntry(
        msgid=message.key.text,
        msgctxt=message.key.context,
    )
    said = (old.msgstr or old.msgstr_plural.get(0, "")) if old else ""
    if message.plural:
        made.msgid_plural = message.plural
        made.msgstr_plural = {0: said}
    else:
        made.msgstr = said
    if "%" in message.key.text and PLACEHOLDER.search(message.key.text):
        made.flags = ["python-format"]
    return made


def check(rooms: dict[Path, list[Path]]) -> Iterator[str]:
    said: dict[tuple[str, Key], tuple[str, Path]] = {}
    for room, paths in sorted(rooms.items()):
        wanted = messages_of(paths)
        yield from (
            f"{sorted(message.files)[0]}: a message is written in English: {key.text!r}"
            for key, message in wanted.items()
            if OTHER_SCRIPT.search(key.text)
        )
        for language in LANGUAGES:
            path = catalogue_path(room, language)
            entries = {key_of(entry): entry for entry in read(path)}
            yield from check_catalogue(path, wanted, entries)
            yield from check_agreement(said, language, path, entries)


def check_catalogue(
    path: Path, wanted: dict[Key, Message], entries: dict[Key, polib.POEntry]
) -> Iterator[str]:
    place = path.relative_to(ROOT)
    for key in wanted:
        if key not in entries:
            yield f"{place}: missing {key.text!r}"
        elif "fuzzy" in entries[key].flags:
            yield f"{place}: fuzzy {key.text!r}"
        elif not translation(entries[key]):
            yield f"{place}: not translated {key.text!r}"
        elif placeholders_differ(entries[key]):
            yield f"{place}: other placeholders than the message has: {key.text!r}"
    for key in entries.keys() - wanted.keys():
        yield f"{place}: no source says {key.text!r}"


def check_agreement(
    said: dict[tuple[str, Key], tuple[str, Path]],
    language: str,
    path: Path,
    entries: dict[Key, polib.POEntry],
) -> Iterator[str]:
    """One domain: two rooms that translate a message differently would overrule each other."""
    for key, entry in entries.items():
        words, first = said.setdefault((language, key), (translation(entry), path))
        if words != translation(entry):
            yield (
                f"{path.relative_to(ROOT)}: {key.text!r} is {translation(entry)!r} here and {words!r} "
                f"in {first.relative_to(ROOT)}; agree, or tell them apart by pgettext"
            )


def placeholders_differ(entry: polib.POEntry) -> bool:
    asked = PLACEHOLDER.findall(entry.msgid_plural or entry.msgid)
    return sorted(asked) != sorted(PLACEHOLDER.findall(translation(entry)))


def translation(entry: polib.POEntry) -> str:
    return str(entry.msgstr or entry.msgstr_plural.get(0, ""))


def words_of_all(language: str) -> dict[Key, polib.POEntry]:
    paths = [*ROOT.glob(f"src/**/locale/{language}/LC_MESSAGES/django.po")]
    return {key_of(entry): entry for path in paths for entry in read(path) if translation(entry)}


def catalogue_path(room: Path, language: str) -> Path:
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


read_file = partial(polib.pofile, wrapwidth=0)


def read(path: Path) -> Iterable[polib.POEntry]:
    return read_file(str(path)) if path.exists() else ()


def key_of(entry: polib.POEntry) -> Key:
    return Key(entry.msgid, entry.msgctxt)


if __name__ == "__main__":
    main()
