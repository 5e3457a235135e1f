"""One alarm, one incident: all that is known of it, and the forms of what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madang.ground.cases import neighbourhood, queries
from madang.ground.cases.domain import incidents
from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.kinds import alarm_title, domain_of, incident_title
from madang.ground.cases.models import Alarm, AlarmState, Incident, IncidentState, Link
from madang.ground.cases.web.acts import (
    ALARM_ACTS,
    INCIDENT_ACTS,
    CaseAct,
    Words,
    allowed,
    asking,
    found,
)
from madang.ground.cases.web.forms import (
    ActForm,
    CloseForm,
    NoteForm,
    ReasonForm,
    ResultForm,
    ThingForm,
    TitleForm,
)
from madang.ground.cases.web.lists import severity_badge, tabs
from madang.ground.cases.web.shapes import measure_of
from madang.ground.cases.wording import ALARM_STATES, INCIDENT_STATES, OUTCOMES, STEPS, THINGS
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, may, requires
from madang.ground.web.console import Nearby, Thing, Way, entries, ways

NEAR, MOST_NEAR = 300.0, 4  # metres, things of a kind
OPEN_INCIDENTS = 50


@dataclass(frozen=True)
class Tied:
    """A linked thing as the page shows it."""

    kind: object
    label: str
    url: str


@require_safe
@requires("cases.view")
def alarm(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One alarm."""
    row = found(Alarm, request, pk)
    here = request.city.pk
    others = Incident.objects.filter(city=here, state=IncidentState.OPEN).order_by("-opened")
    context = {
        **_common(request, row),
        "title": alarm_title(row.kind),
        "state": ALARM_STATES[AlarmState(row.state)],
        "outcome": OUTCOMES.get(row.outcome, ""),
        "domain": incident_title(domain_of(row.kind, of_alarm=True)),
        "measure": measure_of(row),
        "threshold": (row.measure or {}).get("threshold"),
        "linked_from": [
            _tied(request, *_case_of(one)) for one in queries.linking_to(here, "alarm", str(pk))
        ],
        "incidents": others[:OPEN_INCIDENTS],
        "close_form": CloseForm(initial={"seen": row.version}, auto_id="close_%s"),
        "detach_form": ReasonForm(auto_id="detach_%s"),
        "title_form": TitleForm(initial={"title": row.subject}, auto_id="incident_%s"),
    }
    return render(request, "cases/alarm.html", context)


@require_safe
@requires("cases.view")
def incident(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One incident."""
    row = found(Incident, request, pk)
    context = {
        **_common(request, row),
        "title": incident_title(row.kind),
        "state": INCIDENT_STATES[IncidentState(row.state)],
        "alarms": [
            (one, alarm_title(one.kind), severity_badge(one.severity), _badge(one))
            for one in row.alarms.order_by("raised")
        ],
        "open_alarms": row.alarms.exclude(state=AlarmState.CLOSED).count(),
        "result_form": ResultForm(initial={"seen": row.version}, auto_id="close_%s"),
    }
    return render(request, "cases/incident.html", context)


def _badge(one: Alarm) -> Any:
    return ALARM_STATES[AlarmState(one.state)]


def _common(request: CityRequest, row: Alarm | Incident) -> dict[str, Any]:
    names = ("acknowledge", "note", "close", "open_incident", "close_incident", "reopen")
    return {
        "tabs": tabs(request),
        "case": row,
        "severity": severity_badge(row.severity),
        "may": {name: may(request.user, f"cases.{name}", request.city, row) for name in names},
        "timeline": [(one, STEPS.get(one.step, one.step)) for one in row.timeline.all()],
        "links": [
            _tied(request, one.thing_kind, one.thing_id, one.label)
            for one in row.links.order_by("time")
        ],
        "near": _near(request, row) if row.closed is None else [],
        "ways": _ways(request, row),
        "drawing": _drawing(request, row),
        "half": round(neighbourhood.METRES),
        "size": round(2 * neighbourhood.METRES),
        "seen_form": ActForm(initial={"seen": row.version}, auto_id=False),
        "note_form": NoteForm(auto_id="note_%s"),
        "reopen_form": ReasonForm(initial={"seen": row.version}, auto_id="reopen_%s"),
    }


def _drawing(request: CityRequest, row: Alarm | Incident) -> neighbourhood.Drawing | None:
    """The districts that it is about, else the ground around its place."""
    ids = [one.thing_id for one in row.links.all() if one.thing_kind == "district"]
    found = neighbourhood.of_districts(request.city, ids, get_language() or "ko") if ids else None
    if found is not None or row.lon is None or row.lat is None:
        return found
    return neighbourhood.around(request.city, row.lon, row.lat)


def _ways(request: CityRequest, row: Alarm | Incident) -> list[tuple[Way, str]]:
    """The pages of other systems that open from it, as from the console."""
    kind = "alarm" if isinstance(row, Alarm) else "incident"
    return ways(asking(request), Thing(kind, str(row.pk), str(row), lon=row.lon, lat=row.lat))


def _case_of(one: Link) -> tuple[str, str, str]:
    """Which case a link belongs to, as a thing."""
    if one.alarm is not None:
        return "alarm", str(one.alarm_id), one.alarm.subject
    return "incident", str(one.incident_id), str(one.incident)


def _tied(request: CityRequest, kind: str, pk: str, label: str) -> Tied:
    return Tied(THINGS.get(kind, kind), label, thing_url(request, kind, pk))


def thing_url(request: CityRequest, kind: str, pk: str) -> str:
    """Where a thing is shown: a case on its page, everything else on the console."""
    words = {"city": request.city.key}
    if kind in ("alarm", "incident"):
        return reverse(f"cases:{kind}", kwargs={**words, "pk": pk})
    try:
        return f"{reverse('console:desk', kwargs=words)}#{kind}/{pk}"
    except NoReverseMatch:
        return ""


def _near(request: CityRequest, row: Alarm | Incident) -> list[tuple[Any, list[Any]]]:
    """What stands near and is not linked yet: to be linked with one click."""
    if row.x is None or row.y is None:
        return []
    asked = asking(request)
    linked = set(row.links.values_list("thing_kind", "thing_id"))
    groups = []
    for one in entries(Nearby, asked.may):
        hits = [
            hit
            for hit in one.find(asked, row.x, row.y, NEAR, MOST_NEAR + len(linked))
            if (hit.kind, hit.id) not in linked
        ]
        if hits:
            groups.append((one, hits[:MOST_NEAR]))
    return groups


def _view(act: CaseAct, form: type[forms.Form]) -> Any:
    """A view that does one act of a form and shows the case as it is then, or why it was refused."""

    @require_POST
    @requires(act.right)
    def view(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
        kind = "alarm" if act.model is Alarm else "incident"
        words = form(request.POST)
        try:
            done = act.perform(request, pk, words.cleaned_data if _sound(words) else {})
            kind, pk = ("alarm" if isinstance(done, Alarm) else "incident"), done.pk
            messages.success(request, _("Saved."))
        except Refused as refusal:
            messages.error(request, str(refusal))
        if request.POST.get("back") == "inbox":
            return redirect("cases:inbox", city=city)
        return redirect(f"cases:{kind}", city=city, pk=pk)

    return view


def _sound(words: forms.Form) -> bool:
    if not words.is_valid():
        raise Refused(_problems(words))
    return True


def _problems(words: forms.Form) -> str:
    return " ".join(
        f"{words.fields[name].label or name}: {fault}"
        for name, faults in words.errors.items()
        for fault in faults
    )


class AttachForm(forms.Form):
    incident = forms.UUIDField()


def _attach(request: CityRequest, pk: UUID, words: Words) -> Incident:
    target = words["incident"]
    allowed(request, "cases.open_incident", found(Incident, request, target))
    return incidents.attach_alarms(acting(request), request.city.pk, [pk], target)


def _open_incident(request: CityRequest, pk: UUID, words: Words) -> Incident:
    return incidents.open_incident_of(acting(request), request.city.pk, [pk], words["title"])


acknowledge = _view(ALARM_ACTS["acknowledge"], ActForm)
note = _view(ALARM_ACTS["note"], NoteForm)
link = _view(ALARM_ACTS["link"], ThingForm)
close = _view(ALARM_ACTS["close"], CloseForm)
reopen = _view(ALARM_ACTS["reopen"], ReasonForm)
detach = _view(ALARM_ACTS["detach"], ReasonForm)
attach = _view(CaseAct(Alarm, "cases.open_incident", _attach), AttachForm)
open_incident = _view(CaseAct(Alarm, "cases.open_incident", _open_incident), TitleForm)
note_incident = _view(INCIDENT_ACTS["note"], NoteForm)
link_incident = _view(INCIDENT_ACTS["link"], ThingForm)
close_incident = _view(INCIDENT_ACTS["close"], ResultForm)
reopen_incident = _view(INCIDENT_ACTS["reopen"], ReasonForm)
