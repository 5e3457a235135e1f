"""The trail of a city: searched by who, what and when; one entry with its proof."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from django.db.models import QuerySet, Value
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import Account
from madang.ground.people.public import acting, requires
from madang.ground.privacy.web import wording
from madang.ground.privacy.web.shell import tabs
from madang.ground.trail import queries as proofs
from madang.ground.trail.actions import UnknownActionError, actions, find
from madang.ground.trail.models import Entry
from madang.ground.trail.personal import opened, while_opened
from madang.ground.trail.public import Act, record
from madang.ground.web.tables import Column, Filter, Link, Listing


def _title(name: str) -> object:
    """The action in words; its name if no room declares it any more."""
    try:
        return find(name).title
    except UnknownActionError:
        return name


def _when(one: Entry) -> Link:
    words = {"city": one.city_key, "pk": one.pk}  # type: ignore[attr-defined]
    moment = timezone.localtime(one.time)
    return Link(f"{moment:%Y.%m.%d}\u00a0{moment:%H:%M:%S}", reverse("privacy:entry", kwargs=words))


def _by(rows: QuerySet[Entry], words: str) -> QuerySet[Entry]:
    people = Account.objects.filter(name__startswith=words) | Account.objects.filter(
        email__startswith=words.lower()
    )
    return rows.filter(actor__in=people.values("pk")[:500])


def _since(rows: QuerySet[Entry], day: str) -> QuerySet[Entry]:
    begin = _midnight(day)
    return rows.filter(time__gte=begin) if begin else rows


def _until(rows: QuerySet[Entry], day: str) -> QuerySet[Entry]:
    end = _midnight(day, after=1)
    return rows.filter(time__lt=end) if end else rows


def _midnight(day: str, after: int = 0) -> datetime | None:
    """The first moment of a day, or of so many days after it; None for what is no day of a calendar."""
    try:
        found = date.fromisoformat(day) + timedelta(days=after)
        return datetime(found.year, found.month, found.day, tzinfo=timezone.get_current_timezone())
    except (ValueError, OverflowError):
        return None


def _thing(one: Entry) -> str:
    return wording.thing(one.thing_kind, one.thing_id)


def _personal(one: Entry, name: str) -> str:
    """destroyed is said once, where the name was."""
    personal = getattr(one, "personal", None)
    if personal is None:
        return str(_("destroyed")) if name == "name" else ""
    return str(getattr(personal, name))


TRAIL: Listing[Entry] = Listing(
    "trail",
    _("Trail"),
    columns=(
        Column("time", _("When"), _when, sort="time"),
        Column("who", _("By whom"), lambda one: _personal(one, "name")),
        Column("address", _("From where"), lambda one: _personal(one, "address"), under="who"),
        Column("what", _("What"), lambda one: _title(one.action)),
        Column("thing", _("On what"), _thing, under="what"),
        Column("why", _("Why"), lambda one: _personal(one, "reason")),
        Column("right", _("Under which right"), lambda one: wording.right(one.right), under="why"),
    ),
    filters=(
        Filter("who", _("Name or e-mail begins with"), _by, private=True),
        Filter(
            "action",
            _("What"),
            lambda rows, name: rows.filter(action=name),
            lambda: [(action.name, action.title) for action in actions()],
        ),
        Filter("thing", _("Id of a thing"), lambda rows, key: rows.filter(thing_id=key)),
        Filter("since", _("From day"), _since, day=True),
        Filter("until", _("Until day"), _until, day=True),
    ),
    order="-time",
    dense=True,
    empty=_("Nothing is written yet."),
)


def _lines(value: object, before: str = "") -> Iterator[str]:
    """A detail as lines that can be read: one for each thing of a list, under its name in a table."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _lines(inner, f"{before}{key}: ")
    elif isinstance(value, list):
        for inner in value:
            yield from _lines(inner, before)
    else:
        yield f"{before}{'–' if value is None else value}"


@requires("trail.view")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """The trail of this city. Whoever searches it leaves an entry too."""
    rows = Entry.objects.filter(city=request.city.pk).select_related("personal")
    rows = rows.annotate(city_key=Value(city))
    table = TRAIL.read(request, rows)
    if request.method == "POST":
        return table.answer or redirect(request.path)
    if table.is_filtered or "export" in request.GET:
        words = {name: value for name, value in request.GET.items() if name in ("action", "export")}
        record(
            acting(request),
            Act(
                "privacy.trail.searched",
                city=request.city.pk,
                right="trail.view",
                detail=words,
                personal={"asked": table.asked},
            ),
        )
    download = table.download
    if isinstance(download, StreamingHttpResponse):
        parts = cast("Iterator[bytes]", download.streaming_content)
        download.streaming_content = while_opened(request.city.pk, parts)
    if download is not None:
        return download
    with opened(request.city.pk):
        return render(request, "privacy/trail.html", {"table": table, "tabs": tabs(request)})


@requires("trail.view")
def entry(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One entry in full, and the proof that it stands in the tree."""
    with opened(request.city.pk):
        entries = Entry.objects.select_related("personal")
        found = get_object_or_404(entries, pk=pk, city=request.city.pk)
    leaf = proofs.leaf_of_entry(pk)
    proof = None
    if leaf is not None:
        proof = proofs.inclusion(leaf, None)
    context = {
        "entry": found,
        "personal": getattr(found, "personal", None),
        "title": _title(found.action),
        "thing": wording.thing(found.thing_kind, ""),
        "right": wording.right(found.right),
        "details": [(key, list(_lines(value))) for key, value in found.detail.items()],
        "leaf": base64.b64encode(leaf).decode() if leaf else "",
        "proof": proof,
        "tabs": tabs(request),
    }
    return render(request, "privacy/entry.html", context)
