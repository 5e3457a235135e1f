"""What the console's API says of things: found, described, near."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from madang.ground.console.boot import plain
from madang.ground.measure import Measure
from madang.ground.web.console import Fact, Hit, Section, Thing, Way


class HitOut(Schema):
    """One thing found; metres is its distance, where one was asked for."""

    kind: str
    id: str
    title: str
    subtitle: str
    icon: str
    lon: float | None
    lat: float | None
    metres: float | None
    zoom: float | None


class Found(Schema):
    """Hits, best first; failed names the systems that could not answer."""

    hits: list[HitOut]
    failed: list[str]


class FactOut(Schema):
    """One line about a thing: a text, a moment or a measure; all null is unknown."""

    title: str
    text: str | None = None
    time: datetime | None = None
    measure: Measure | None = None
    link: str = ""


class SectionOut(Schema):
    title: str
    facts: list[FactOut]
    url: str
    chart: str


class LiveOut(Schema):
    kind: str
    number: int


class WayOut(Schema):
    """A page that opens from a thing, in the browser's window of that name."""

    title: str
    icon: str
    url: str
    window: str


class ThingOut(Schema):
    """Everything the systems know of one thing."""

    kind: str
    id: str
    title: str
    subtitle: str
    icon: str
    lon: float | None
    lat: float | None
    facts: list[FactOut]
    sections: list[SectionOut]
    url: str
    simulated: bool
    live: LiveOut | None
    ways: list[WayOut]
    districts: list[str]


class Group(Schema):
    """What one system has near a point, nearest first."""

    key: str
    title: str
    icon: str
    hits: list[HitOut]


def hit_said(hit: Hit) -> dict[str, Any]:
    """A hit as HitOut says it."""
    names = ("kind", "id", "title", "subtitle", "icon", "lon", "lat", "metres", "zoom")
    said: dict[str, Any] = plain({name: getattr(hit, name) for name in names})
    return said


def thing_said(found: Thing, ways: list[tuple[Way, str]]) -> dict[str, Any]:
    """A thing and the pages that open from it as ThingOut says it."""
    names = ("kind", "id", "title", "subtitle", "icon", "lon", "lat", "url", "simulated")
    said: dict[str, Any] = plain({name: getattr(found, name) for name in names})
    said["facts"] = [_fact(fact) for fact in found.facts]
    said["sections"] = [section_said(section) for section in found.sections]
    said["ways"] = [
        {"title": str(way.title), "icon": way.icon, "url": url, "window": way.window}
        for way, url in ways
    ]
    said["live"] = found.live and {"kind": found.live[0], "number": found.live[1]}
    said["districts"] = list(found.districts)
    return said


def section_said(section: Section) -> dict[str, Any]:
    """A section as SectionOut says it."""
    facts = [_fact(fact) for fact in section.facts]
    return {
        "title": str(section.title),
        "facts": facts,
        "url": section.url,
        "chart": section.chart,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    said: dict[str, Any] = {"title": str(fact.title), "link": fact.link}
    if isinstance(fact.value, Measure):
        said["measure"] = fact.value
    elif isinstance(fact.value, datetime):
        said["time"] = fact.value
    elif fact.value is not None:
        said["text"] = str(fact.value)
    return said
