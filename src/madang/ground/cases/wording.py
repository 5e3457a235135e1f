"""States, steps and outcomes as pages say them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.cases.models import AlarmState, IncidentState, Outcome, Step
from madang.ground.web.registry import Text
from madang.ground.web.tables import Badge

ALARM_STATES = {
    AlarmState.OPEN: Badge(_("Waiting"), "attention"),
    AlarmState.ACKNOWLEDGED: Badge(_("Acknowledged"), "info"),
    AlarmState.CLOSED: Badge(_("Closed"), "empty"),
}
INCIDENT_STATES = {
    IncidentState.OPEN: Badge(pgettext_lazy("incident", "Open"), "attention"),
    IncidentState.CLOSED: Badge(_("Closed"), "empty"),
}
SEVERITY_LEVELS = {1: "empty", 2: "info", 3: "attention", 4: "down"}
OUTCOMES: dict[str, Text] = {
    Outcome.TRUE: _("True alarm"),
    Outcome.FALSE: _("False alarm"),
    Outcome.PASSED: _("Passed by itself"),
    Outcome.DUPLICATE: _("Duplicate of another"),
    Outcome.TEST: _("Test or exercise"),
}
STEPS: dict[str, Text] = {
    Step.RAISED: _("raised"),
    Step.ESCALATED: _("made graver"),
    Step.CLEARED: _("cause gone"),
    Step.RETURNED: _("cause back"),
    Step.ACKNOWLEDGED: _("acknowledged"),
    Step.LINKED: _("linked"),
    Step.ATTACHED: _("put to an incident"),
    Step.DETACHED: _("taken out of the incident"),
    Step.NOTED: _("note"),
    Step.OPENED: _("opened"),
    Step.CLOSED: _("closed"),
    Step.REOPENED: _("opened again"),
}
THINGS: dict[str, Text] = {
    "device": _("Device"),
    "moving": _("Vehicle"),
    "camera": _("Camera site"),
    "place": _("Place"),
    "road": _("Road"),
    "district": _("District"),
    "alarm": _("Alarm"),
    "incident": _("Incident"),
}
