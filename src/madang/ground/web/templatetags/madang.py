"""What Madang's templates are written with: built files, icons, measures, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from madang.ground.measure import Measure
from madang.ground.web import assets
from madang.ground.web.figures import decimals, number_text, unit_text, value_text
from madang.ground.web.tables import Badge, Column, Link, Table

register = template.Library()

WHOLE, LONGEST_WHOLE = SafeString(' class="whole"'), 20  # letters
DECORATION = SafeString('aria-hidden="true"')
LEVELS = {
    "ok": "circle-check",
    "attention": "circle-alert",
    "down": "circle-x",
    "empty": "circle-minus",
}


@register.simple_tag
def vite(name: str) -> SafeString:
    """The style sheets and the script of a front-end entry."""
    entry = assets.entry(name)
    styles = format_html_join(
        "", '<link rel="stylesheet" href="{}">', [[one] for one in entry.styles]
    )
    preloads = format_html_join(
        "",
        '<link rel="modulepreload" href="{}">',
        [[one] for one in (*entry.preloads, *assets.words(get_language() or ""))],
    )
    if entry.script is None:
        return styles
    return format_html(
        '{}{}<script type="module" src="{}"></script>', styles, preloads, entry.script
    )


@register.simple_tag
def fonts() -> SafeString:
    """Fonts that every page needs, fetched beside its styles: found by them, all is painted twice."""
    return format_html_join(
        "",
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>',
        [[one] for one in assets.fonts()],
    )


@register.simple_tag
def icon(name: str, title: str = "") -> SafeString:
    """An icon of the sprite; without a title it is decoration."""
    label = format_html('role="img" aria-label="{}"', title) if title else DECORATION
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"/></svg>', label, assets.sprite(), name
    )


@register.simple_tag
def favicon() -> str:
    """The address of the platform's mark."""
    return assets.url("mark.svg")


@register.simple_tag
def measure(shown: Measure | None) -> SafeString:
    """A measure with unit, uncertainty and mark of simulation; unknown is said, never shown as 0."""
    if shown is None or shown.value is None:
        return format_html(
            '<span class="measure unknown">{}</span>', pgettext("a value", "Unknown")
        )
    parts = [format_html("{}", value_text(shown))]
    if shown.uncertainty:
        parts.append(
            format_html(' <span class="uncertainty">± {}</span>', _uncertainty_text(shown))
        )
    unit = unit_text(shown.unit)
    if unit:
        parts.append(format_html('<span class="unit">{}</span>', unit))
    if shown.provenance == "simulated":
        parts.append(SafeString(" "))
        parts.append(simulated(small=True))
    content = format_html_join("", "{}", [[part] for part in parts])
    return format_html('<span class="measure"{}>{}</span>', _origin(shown), content)


def _uncertainty_text(shown: Measure) -> str:
    return value_text(shown.model_copy(update={"value": shown.uncertainty}))


def _origin(shown: Measure) -> SafeString:
    """Where the number comes from, for those who point at it."""
    words = [shown.method, shown.source]
    if shown.time:
        words.append(moment_text(shown.time))
    said = " · ".join(word for word in words if word)
    return format_html(' title="{}"', said) if said else SafeString("")


@register.simple_tag
def simulated(small: bool = False) -> SafeString:
    """The mark of everything that a simulation made; small where it stands beside a number."""
    if not small:
        return format_html('<span class="simulated">{}</span>', _("Simulated"))
    short = pgettext("short mark of simulated figures", "sim.")
    return format_html('<abbr class="simulated small" title="{}">{}</abbr>', _("Simulated"), short)


@register.filter
def number(value: float | None, places: int = 0) -> str:
    """A bare count in the active language; None is unknown."""
    return pgettext("a value", "Unknown") if value is None else number_text(value, places)


@register.simple_tag
def moment(time: datetime | None) -> SafeString:
    """A time in the city's zone; script adds nothing to it, so it reads the same everywhere."""
    if time is None:
        return SafeString("–")
    local = timezone.localtime(time)
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        time.isoformat(timespec="seconds"),
        date_format(local, "Y-m-d H:i:s"),
        local.tzname(),
        moment_text(time),
    )


def moment_text(time: datetime) -> str:
    local = timezone.localtime(time)
    pattern = "H:i:s" if local.date() == timezone.localdate() else "Y-m-d H:i"
    return date_format(local, pattern)


@register.inclusion_tag("web/level.html")
def level(word: str) -> dict[str, Any]:
    """The pill of a state: ok, attention, down or empty."""
    titles = {
        "ok": pgettext("state", "Normal"),
        "attention": pgettext("state", "Attention"),
        "down": pgettext("state", "Down"),
        "empty": pgettext("state", "No data"),
    }
    return {"level": word, "icon": LEVELS[word], "title": titles[word]}


@register.simple_tag
def cell(value: object) -> SafeString | str:
    """One cell of a table, drawn after its kind; None is unknown."""
    drawn = next((draw for kind, draw in CELLS.items() if isinstance(value, kind)), None)
    return drawn(value) if drawn else format_html("{}", str(value))


@register.simple_tag
def rows(table: Table[Any]) -> SafeString:
    """The rows of a table's page. Drawn here and not by a template: of a list's time that was most."""
    titles: dict[str, str] = {
        one.key: conditional_escape(str(one.title)) for one in table.listing.columns
    }
    lines = ("".join(_cells(line, titles)) for line in table.lines)
    return SafeString("\n".join(f"<tr>{line}</tr>" for line in lines))


def _cells(
    line: list[tuple[Column[Any], object, list[object]]], titles: dict[str, str]
) -> Iterator[str]:
    """The cells of a row, the first its heading; every part is escaped."""
    for at, (column, value, below) in enumerate(line):
        shown: str = conditional_escape(cell(value))
        if at == 0:
            yield f'<th scope="row">{shown}</th>'
            continue
        if below:
            more = [f' <span class="below">{conditional_escape(cell(one))}</span>' for one in below]
            shown = f"<span>{shown}{''.join(more)}</span>"
        number = ' class="number"' if column.number else ""
        yield f'<td{number} data-title="{titles[column.key]}">{shown}</td>'


def _link(link: Link) -> SafeString:
    """A link; one word, as a management number, stays on one line."""
    text = str(link.text)
    whole = len(text) <= LONGEST_WHOLE and " " not in text
    return format_html('<a href="{}"{}>{}</a>', link.url, WHOLE if whole else "", text)


def _badge(badge: Badge) -> SafeString:
    return format_html('<span class="pill {}">{}</span>', badge.level, badge.text)


def _yes_or_no(value: bool) -> str:
    return _("Yes") if value else _("No")


# In order: a bool is an int too.
CELLS: dict[type, Callable[[Any], SafeString | str]] = {
    type(None): lambda _none: measure(None),
    bool: _yes_or_no,
    int: lambda value: number_text(value, 0),
    float: lambda value: number_text(value, decimals(value)),
    datetime: moment,
    Measure: measure,
    Link: _link,
    Badge: _badge,
}
