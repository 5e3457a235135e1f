"""What Vite built: which files an entry needs, read from its manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SPRITE = "node_modules/.cache/madang/icons.svg"


@dataclass(frozen=True)
class Entry:
    """The addresses of one entry: its script, the scripts that it imports, and its style sheets."""

    script: str | None
    preloads: tuple[str, ...]
    styles: tuple[str, ...]


def entry(name: str) -> Entry:
    """The built entry `name`: a folder with a main.ts, or a style sheet alone."""
    built = _manifest()
    chunk = next((c for c in built.values() if c.get("isEntry") and c.get("name") == name), None)
    if chunk is None:
        raise ImproperlyConfigured(f"The front end has no entry “{name}”. Build it: make setup")
    if chunk["file"].endswith(".css"):
        return Entry(None, (), (url(chunk["file"]),))
    needed = _imports(chunk, built)
    styles = [style for one in (*needed, chunk) for style in one.get("css", ())]
    return Entry(
        url(chunk["file"]),
        tuple(url(one["file"]) for one in needed),
        tuple(url(style) for style in dict.fromkeys(styles)),
    )


def words(language: str) -> tuple[str, ...]:
    """The address of the script with a language's words: entries ask for it before all else."""
    chunk = _manifest().get(f"virtual:messages/{language}")
    return (url(chunk["file"]),) if chunk else ()


@cache
def fonts() -> tuple[str, ...]:
    """The addresses of the fonts with the letters of our own texts, one a weight."""
    chunk = next(one for one in _manifest().values() if one.get("name") == "pages")
    return tuple(url(one) for one in chunk.get("assets", ()) if "-own-" in one)


@cache
def sprite() -> str:
    """The address of the sprite of icons."""
    return url(_manifest()[SPRITE]["file"])


@cache
def icons() -> frozenset[str]:
    """The names of the icons in the sprite."""
    text = (Path(settings.STATIC_ROOT) / _manifest()[SPRITE]["file"]).read_text()
    return frozenset(part.split('"', 1)[0] for part in text.split('<symbol id="')[1:])


def url(file: str) -> str:
    return f"{settings.STATIC_URL}{file}"


def _imports(chunk: dict[str, Any], built: dict[str, Any]) -> list[dict[str, Any]]:
    """Every chunk that chunk imports, directly or not, what is needed first coming first."""
    found: dict[str, dict[str, Any]] = {}
    for key in chunk.get("imports", ()):
        for one in (*_imports(built[key], built), built[key]):
            found[one["file"]] = one
    return list(found.values())


@cache
def _manifest() -> dict[str, Any]:
    path = Path(settings.STATIC_ROOT) / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"The front end is not built ({path}). Run: make setup"
        ) from None
    return manifest
