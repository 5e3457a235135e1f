"""The lists: what waits for somebody, every alarm, incidents, and the levels that raise alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from madang.ground.cases import queries
from madang.ground.cases.domain.incidents import Situation, open_incident
from madang.ground.cases.domain.raising import Spot
from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.domain.thresholds import set_threshold
from madang.ground.cases.kinds import (
    Severity,
    alarm_kinds,
    alarm_title,
    domain_of,
    incident_kinds,
    incident_title,
)
from madang.ground.cases.models import Alarm, AlarmState, Incident, IncidentState, Threshold
from madang.ground.cases.quantities import Quantity, quantities
from madang.ground.cases.queries import NOT_CLOSED, Narrowed
from madang.ground.cases.web.forms import IncidentForm, ThresholdForm
from madang.ground.cases.web.shapes import measure_of
from madang.ground.cases.wording import (
    ALARM_STATES,
    INCIDENT_STATES,
    OUTCOMES,
    SEVERITY_LEVELS,
)
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, may, requires
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing

MOST = 200  # rows of the inbox; who has more to do must narrow it
TABS = (
    ("cases:inbox", gettext_lazy("To do")),
    ("cases:alarms", gettext_lazy("All alarms")),
    ("cases:incidents", gettext_lazy("Incidents")),
    ("cases:thresholds", gettext_lazy("Thresholds")),
)


@dataclass(frozen=True)
class Tab:
    """One page of this room beside the others."""

    title: object
    url: str
    current: bool


@dataclass(frozen=True)
class ThresholdLine:
    """A threshold as its page shows it; later: it does not count yet."""

    row: Threshold
    title: object
    severity: Badge
    later: bool
    measured: str


def tabs(request: CityRequest) -> list[Tab]:
    urls = [(title, reverse(name, kwargs={"city": request.city.key})) for name, title in TABS]
    nearest = max((url for _, url in urls if request.path.startswith(url)), key=len, default="")
    return [Tab(title, url, url == nearest) for title, url in urls]


def severity_badge(severity: int) -> Badge:
    return Badge(Severity(severity).label, SEVERITY_LEVELS[severity])


def _alarm_link(one: Alarm) -> Link:
    words = {"city": one.city.key, "pk": one.pk}
    return Link(one.subject, reverse("cases:alarm", kwargs=words))


def _incident_link(one: Incident) -> Link:
    words = {"city": one.city.key, "pk": one.pk}
    return Link(str(one), reverse("cases:incident", kwargs=words))


def _state(one: Alarm) -> Badge:
    if one.state == AlarmState.CLOSED:
        return Badge(OUTCOMES[one.outcome], "empty")
    return ALARM_STATES[AlarmState(one.state)]


def _by_number(field: str) -> Any:
    def narrow(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(**{field: int(value)}) if value.isdecimal() else rows.none()

    return narrow


def _by(field: str) -> Any:
    return lambda rows, value: rows.filter(**{field: value})


def _point(one: Alarm | Incident) -> tuple[float, float] | None:
    return None if one.lon is None or one.lat is None else (one.lon, one.lat)


SEVERITY: Filter = Filter(
    "severity",
    gettext_lazy("Severity"),
    _by_number("severity"),
    lambda: [(str(one.value), one.label) for one in reversed(Severity)],
)
ALARMS: Listing[Alarm] = Listing(
    "alarms",
    gettext_lazy("Alarms"),
    columns=(
        Column("subject", gettext_lazy("What"), _alarm_link, sort="subject"),
        Column("kind", gettext_lazy("Kind"), lambda one: alarm_title(one.kind), sort="kind"),
        Column(
            "severity",
            gettext_lazy("Severity"),
            lambda one: severity_badge(one.severity),
            sort="severity",
        ),
        Column("place", pgettext_lazy("of an alarm", "Where"), lambda one: one.place or None),
        Column("raised", gettext_lazy("Raised"), lambda one: one.raised, sort="raised"),
        Column("measure", gettext_lazy("Measured"), lambda one: measure_of(one) or "–"),
        Column("state", gettext_lazy("State"), _state, sort="state"),
    ),
    filters=(
        Filter("q", gettext_lazy("Words"), queries.worded),
        Filter(
            "state",
            gettext_lazy("State"),
            queries.in_state,
            lambda: [(key.value, badge.text) for key, badge in ALARM_STATES.items()],
        ),
        SEVERITY,
        Filter(
            "kind",
            gettext_lazy("Kind"),
            _by("kind"),
            lambda: [(one.key, one.title) for one in alarm_kinds()],
        ),
    ),
    order="-raised",
    empty=gettext_lazy("No alarm was raised in this city yet."),
    point=_point,
    provenance=lambda one: "simulated" if one.simulated else "measured",
)
INCIDENTS: Listing[Incident] = Listing(
    "incidents",
    gettext_lazy("Incidents"),
    columns=(
        Column("number", gettext_lazy("Incident"), _incident_link, sort="opened"),
        Column("kind", gettext_lazy("Kind"), lambda one: incident_title(one.kind), sort="kind"),
        Column(
            "severity",
            gettext_lazy("Severity"),
            lambda one: severity_badge(one.severity),
            sort="severity",
        ),
        Column("place", pgettext_lazy("of an alarm", "Where"), lambda one: one.place or None),
        Column("opened", gettext_lazy("Opened"), lambda one: one.opened, sort="opened"),
        Column(
            "state",
            gettext_lazy("State"),
            lambda one: INCIDENT_STATES[IncidentState(one.state)],
            sort="state",
        ),
    ),
    filters=(
        Filter(
            "state",
            gettext_lazy("State"),
            _by("state"),
            lambda: [(key.value, badge.text) for key, badge in INCIDENT_STATES.items()],
        ),
        SEVERITY,
    ),
    order="-opened",
    empty=gettext_lazy("No incident was opened in this city yet."),
    point=_point,
    provenance=lambda one: "simulated" if one.simulated else "reported",
)


@require_safe
@requires("cases.view")
def inbox(request: CityRequest, city: str) -> HttpResponse:
    """What waits for somebody, gravest first and oldest first, then what somebody has taken."""
    asked = request.GET.get("severity", "")
    narrowed = Narrowed(
        state=NOT_CLOSED,
        severity=int(asked) if asked in ("2", "3", "4") else 0,
        domain=request.GET.get("domain", ""),
    )
    rows = queries.alarms(request.city.pk, narrowed)
    found = list(rows.order_by("-severity", "raised")[: MOST + 1])
    counts = queries.counts(request.city.pk)
    context = {
        "tabs": tabs(request),
        "counts": counts,
        "severities": [
            (Badge(Severity(level).label, SEVERITY_LEVELS[level]), count)
            for level, count in counts.by_severity.items()
        ],
        "waiting": [_line(request, one) for one in found[:MOST] if one.state == AlarmState.OPEN],
        "taken": [_line(request, one) for one in found[:MOST] if one.state != AlarmState.OPEN],
        "more": len(found) > MOST,
        "narrowed": narrowed,
        "levels": [(int(one), one.label) for one in Severity if one > Severity.INFO],
        "domains": incident_kinds(),
        "may_open": may(request.user, "cases.open_incident", request.city),
    }
    return render(request, "cases/inbox.html", context)


def _line(request: CityRequest, one: Alarm) -> dict[str, Any]:
    return {
        "alarm": one,
        "title": alarm_title(one.kind),
        "severity": severity_badge(one.severity),
        "domain": incident_title(domain_of(one.kind, of_alarm=True)),
        "measure": measure_of(one),
        "threshold": (one.measure or {}).get("threshold"),
        "may_take": one.state == AlarmState.OPEN
        and may(request.user, "cases.acknowledge", request.city, one),
    }


@require_safe
@requires("cases.view")
def alarms(request: CityRequest, city: str) -> HttpResponseBase:
    """Every alarm there was, to filter and to take away."""
    rows = Alarm.objects.filter(city=request.city).select_related("city")
    return _listed(request, ALARMS, rows)


@require_safe
@requires("cases.view")
def incidents(request: CityRequest, city: str) -> HttpResponseBase:
    """Every incident there was."""
    rows = Incident.objects.filter(city=request.city).select_related("city")
    return _listed(request, INCIDENTS, rows)


def _listed(request: CityRequest, listing: Listing[Any], rows: Any) -> HttpResponseBase:
    table = listing.read(request, rows)
    opens = may(request.user, "cases.open_incident", request.city)
    context = {"tabs": tabs(request), "table": table, "may_open": opens}
    return table.download or render(request, "cases/list.html", context)


@require_safe
@requires("cases.view")
def thresholds(request: CityRequest, city: str) -> HttpResponse:
    """The levels that count now and those to come, each with the rule or decision that set it."""
    now = timezone.now()
    later = [row for row in queries.threshold_history(request.city.pk) if row.valid_from > now]
    rows = [*queries.thresholds_at(request.city.pk, now), *later]
    titles = {(one.device_kind, one.quantity): one.title for one in _measured(request)}
    context = {
        "tabs": tabs(request),
        "lines": [
            ThresholdLine(
                row,
                alarm_title(row.alarm_kind),
                severity_badge(row.severity),
                row.valid_from > now,
                titles.get((row.device_kind, row.quantity), ""),
            )
            for row in rows
        ],
        "may_set": may(request.user, "cases.set_thresholds", request.city),
    }
    return render(request, "cases/thresholds.html", context)


@requires("cases.set_thresholds")
def new_threshold(request: CityRequest, city: str) -> HttpResponse:
    """Set a level: what is raised from when on, and by which rule or decision."""
    form = ThresholdForm(_measured(request), request.POST or None)
    if form.is_valid():
        try:
            set_threshold(
                acting(request), request.city.pk, form.rule(), form.cleaned_data["valid_from"]
            )
            return redirect("cases:thresholds", city=city)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "cases/new_threshold.html", {"tabs": tabs(request), "form": form})


def _measured(request: CityRequest) -> list[Quantity]:
    return quantities(request.city.pk, get_language() or "ko")


@requires("cases.open_incident")
def new_incident(request: CityRequest, city: str) -> HttpResponse:
    """Open an incident that was told rather than measured."""
    form = IncidentForm(request.POST or None)
    if form.is_valid():
        try:
            opened = open_incident(acting(request), request.city.pk, _situation(form))
            return redirect("cases:incident", city=city, pk=opened.pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"tabs": tabs(request), "form": form}
    return render(request, "cases/new_incident.html", context)


def _situation(form: IncidentForm) -> Situation:
    words = form.cleaned_data
    return Situation(
        kind=words["kind"],
        severity=Severity(words["severity"]),
        title=words["title"],
        happened=timezone.now(),
        spot=Spot(words["place"]),
    )
