"""Who may see alarms and incidents, and who may act on them, by role and by control domain.

A control domain is a kind of incident: the kind that an alarm is handled as says whose business it is.
Operators and shift leaders act in every domain; the others in those of their trade.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rules.predicates import Predicate

from madang.ground.cases.kinds import domain_of
from madang.ground.cases.models import Alarm, Incident
from madang.ground.people.public import Asked, Rights, allow, role

EVERY: frozenset[str] = frozenset()
DOMAINS = {
    "operator": EVERY,
    "shift_leader": EVERY,
    "dispatcher": frozenset({"fire", "flood", "person", "crime", "traffic"}),
    "traffic_engineer": frozenset({"traffic", "facility"}),
    "seconded_police": frozenset({"crime", "person", "traffic"}),
    "seconded_fire": frozenset({"fire", "flood", "person"}),
    "administrator": frozenset({"facility"}),
}


def in_domain(*keys: str) -> Predicate:
    """Holds one of these roles, and the case (if one is meant) is of a domain of that role."""

    def holds(rights: Rights, asked: Asked) -> bool:
        held = asked.roles & frozenset(keys)
        return any(_covers(DOMAINS[key], asked.thing) for key in held)

    return Predicate(holds, name="domain of " + " or ".join(keys))


def _covers(domains: frozenset[str], case: Alarm | Incident | None) -> bool:
    if case is None or domains == EVERY:
        return True
    return domain_of(case.kind, isinstance(case, Alarm)) in domains


allow("cases.view", _("See alarms and incidents"), role(*DOMAINS))
allow("cases.acknowledge", _("Acknowledge alarms"), in_domain(*DOMAINS))
allow("cases.note", _("Write to alarms and incidents, and link things"), in_domain(*DOMAINS))
allow(
    "cases.close",
    _("Close alarms with what they turned out to be"),
    in_domain("operator", "shift_leader", "dispatcher", "traffic_engineer", "administrator"),
)
allow(
    "cases.open_incident",
    _("Open incidents, and put alarms to them"),
    in_domain("operator", "shift_leader", "dispatcher"),
)
allow("cases.close_incident", _("Close incidents"), in_domain("shift_leader"))
allow(
    "cases.set_thresholds",
    _("Set the levels that raise alarms"),
    role("shift_leader", "administrator"),
)
allow("cases.reopen", _("Open closed alarms and incidents again"), in_domain("shift_leader"))
