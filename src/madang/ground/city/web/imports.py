"""Imports: the list of them, the report of each while and after it runs, and the answer it waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madang.ground.city.domain import uploads
from madang.ground.city.domain.undo import undo
from madang.ground.city.export.rejections import rejected_rows
from madang.ground.city.models import Import
from madang.ground.city.queries.summaries import imports, rejections_by_reason
from madang.ground.city.reasons import Because, Refused, say, say_note
from madang.ground.city.titles import table
from madang.ground.city.web import wording
from madang.ground.city.web.forms import AskedForm
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, requires
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing

SHOWN_REJECTIONS = 20
UNDER_WAY = ("waiting", "reading", "confirmed")


def _state(brought: Import) -> Badge:
    text, level = wording.STATES[brought.state]
    return Badge(text, level)


def _link(brought: Import) -> Link:
    words = {"city": brought.city.key, "id": brought.id}
    return Link(_title(brought), reverse("city_import", kwargs=words))


def _title(brought: Import) -> str:
    """The file's name; what came without a file is called as its data set, or as what it is."""
    named = brought.data_set.name(get_language() or "ko") if brought.data_set else ""
    return brought.file or named or str(wording.recogniser(brought))


def _number(key: str, title: Any) -> Column[Import]:
    return Column[Import](key, title, lambda row: getattr(row, key), sort=key, number=True)


IMPORTS = Listing[Import](
    "imports",
    gettext_lazy("Imports"),
    columns=(
        Column[Import]("file", gettext_lazy("File"), _link, sort="file"),
        Column[Import](
            "kind", gettext_lazy("Recognised as"), lambda row: str(wording.recogniser(row))
        ),
        Column[Import]("state", gettext_lazy("State"), _state, sort="state"),
        _number("read", gettext_lazy("Read")),
        _number("new", gettext_lazy("New")),
        _number("changed", gettext_lazy("Changed")),
        _number("same", gettext_lazy("Same")),
        _number("rejected", gettext_lazy("Rejected")),
        Column[Import]("began", gettext_lazy("Begun"), lambda row: row.began, sort="began"),
    ),
    filters=(
        Filter("q", gettext_lazy("File"), lambda rows, text: rows.filter(file__icontains=text)),
        Filter(
            "state",
            gettext_lazy("State"),
            lambda rows, value: rows.filter(state=value),
            lambda: [(key, words[0]) for key, words in wording.STATES.items()],
        ),
    ),
    order="-began",
    empty=gettext_lazy("Nothing was imported yet."),
)


@require_safe
@requires("city.import")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    uploads.notice_stopped(request.city)
    table = IMPORTS.read(request, imports(request.city).select_related("city", "data_set"))
    return table.download or render(request, "city/imports.html", {"table": table})


@require_safe
@requires("city.import")
def report(request: CityRequest, city: str, id: UUID) -> HttpResponse:
    """What became of every row, and before that, what would."""
    return render(request, "city/import.html", _report(request, id))


@require_safe
@requires("city.import")
def state(request: CityRequest, city: str, id: UUID) -> HttpResponse:
    """The part of the report that changes while the import runs; the page asks for it again."""
    return render(request, "city/import_state.html", _report(request, id))


@require_safe
@requires("city.import")
def rejected(request: CityRequest, city: str, id: UUID) -> HttpResponseBase:
    """The rejected rows as a file to correct and send again."""
    file = rejected_rows(_find(request, id))
    response = StreamingHttpResponse(file.pieces, content_type=file.type)
    response.headers["Content-Disposition"] = _attachment(file.name)
    return response


@require_POST
@requires("city.import")
def answer(request: CityRequest, city: str, id: UUID) -> HttpResponse:
    """Apply what is shown, discard it, read it again, or undo it."""
    brought = _find(request, id)
    act = ANSWERS.get(request.POST.get("answer", ""))
    try:
        if act is None:
            raise Refused("not-shown")
        act(request, brought)
    except Because as reason:
        messages.error(request, str(reason))
    return redirect("city_import", city=city, id=id)


def _apply(request: CityRequest, brought: Import) -> None:
    uploads.confirm(brought)


def _discard(request: CityRequest, brought: Import) -> None:
    uploads.discard(brought)
    messages.success(request, _("Discarded. Nothing of the city has changed."))


def _again(request: CityRequest, brought: Import) -> None:
    form = AskedForm(request.POST)
    uploads.read_again(brought, form.asked() if form.is_valid() else {})


def _undo(request: CityRequest, brought: Import) -> None:
    undo(brought, acting(request), request.POST.get("reason", "").strip())
    messages.success(request, _("Undone. The city is as it was before this import."))


ANSWERS: dict[str, Callable[[CityRequest, Import], None]] = {
    "apply": _apply,
    "discard": _discard,
    "again": _again,
    "undo": _undo,
}


def _find(request: CityRequest, id: UUID) -> Import:
    return get_object_or_404(
        Import.objects.select_related("data_set", "city"), city=request.city, id=id
    )


def _report(request: CityRequest, id: UUID) -> dict[str, Any]:
    brought = _find(request, id)
    if brought.state == Import.State.READING:
        uploads.notice_stopped(request.city)
        brought.refresh_from_db()
    first = brought.rejections.order_by("number", "id")[:SHOWN_REJECTIONS]
    return {
        "brought": brought,
        "title": _title(brought),
        "badge": _state(brought),
        "kind": wording.recogniser(brought),
        "under_way": brought.state in UNDER_WAY,
        "percent": round(brought.progress * 100),
        "problem": say_note(brought.problem) if brought.problem else "",
        "notes": [say_note(each) for each in brought.notes],
        "tables": [(table(label), *counts) for label, counts in brought.tables.items()],
        "reasons": [(say_reason(reason), count) for reason, count in rejections_by_reason(brought)],
        "rejections": [
            (each.number, say(each.reason, each.figures), _short(each.content)) for each in first
        ],
        "changes": [_change(each) for each in brought.preview],
        "may_apply": brought.state == Import.State.PREVIEWED
        and bool(brought.new or brought.changed or brought.derived),
        "asked": AskedForm(initial=brought.asked),
        "read_again": bool(brought.stored)
        and brought.state
        in (Import.State.REFUSED, Import.State.INTERRUPTED, Import.State.PREVIEWED),
    }


def say_reason(code: str) -> str:
    """A reason without the figures of one row."""
    return str(REASONS.get(code, code))


def _short(content: dict[str, Any]) -> str:
    words = [str(value) for key, value in content.items() if value and key != "geometry"]
    return " · ".join(words)[:160]


def _change(change: dict[str, Any]) -> dict[str, Any]:
    columns = [
        (name, _cell(change["before"][name]), _cell(change["after"][name]))
        for name in change["before"]
        if name not in ("x", "y", "west", "south", "east", "north")
    ]
    return {"key": change["key"], "number": change["number"], "columns": columns}


def _cell(value: Any) -> str:
    return "–" if value in (None, "") else str(value)[:120]


def _attachment(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name)}"


REASONS = {
    "cells": gettext_lazy("Wrong number of cells"),
    "unreadable": gettext_lazy("Characters that cannot be read"),
    "missing": gettext_lazy("A needed cell is empty"),
    "not-a-number": gettext_lazy("Not a number"),
    "not-a-date": gettext_lazy("Not a date"),
    "out-of-range": gettext_lazy("A number out of range"),
    "unknown-word": gettext_lazy("A word that is not known"),
    "no-point": gettext_lazy("No coordinates"),
    "no-shape": gettext_lazy("No geometry that can be read"),
    "wrong-shape": gettext_lazy("Geometry of the wrong kind"),
    "crossing": gettext_lazy("Outline that cannot be repaired"),
    "outside": gettext_lazy("Outside the city"),
    "repeated": gettext_lazy("Same key as an earlier row"),
    "no-district": gettext_lazy("No such district"),
    "own-loop": gettext_lazy("A link without length"),
}
