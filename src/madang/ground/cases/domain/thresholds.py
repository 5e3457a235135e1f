"""Levels at which alarms are raised: dated rows with their source, never changed, only superseded."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.kinds import Severity, alarm_kind
from madang.ground.cases.models import Threshold
from madang.ground.trail.public import Act, Actor, record

LONGEST_HOLD = 86_400.0  # seconds


@dataclass(frozen=True)
class Rule:
    """What a threshold says; the fields are those of the table. Level None switches it off."""

    device_kind: str
    quantity: str
    unit: str
    alarm_kind: str
    severity: Severity
    level: float | None
    clear_level: float | None
    source: str
    above: bool = True
    hold: float = 0.0


def set_threshold(actor: Actor, city: UUID, rule: Rule, valid_from: datetime) -> Threshold:
    """Let rule count from valid_from on, in place of the one before; raises UnknownKind or Refused."""
    alarm_kind(rule.alarm_kind)
    _refuse_nonsense(rule)
    threshold = Threshold(
        city_id=city, valid_from=valid_from, entered_by_name=actor.name, **vars(rule)
    )
    act = Act(
        action="threshold.set",
        city=city,
        thing=("threshold", str(threshold.id)),
        reason=rule.source,
        right="cases.set_thresholds" if actor.account else "",
        detail={"level": rule.level, "unit": rule.unit, "valid_from": valid_from.isoformat()},
    )
    with transaction.atomic():
        _refuse_second(threshold)
        threshold.save(force_insert=True)
        record(actor, act)
    return threshold


def adopt_defaults(actor: Actor, city: UUID, valid_from: datetime) -> int:
    """Give a city without any threshold those the platform comes with; how many that were."""
    with transaction.atomic():
        if Threshold.objects.filter(city_id=city).exists():
            return 0
        rules = default_rules()
        for rule in rules:
            set_threshold(actor, city, rule, valid_from)
    return len(rules)


def default_rules() -> list[Rule]:
    """The rules of thresholds.toml, each with the source it was taken from."""
    text = (files("madang.ground.cases") / "thresholds.toml").read_text("utf-8")
    return [
        Rule(**{**row, "severity": Severity[row["severity"].upper()]})
        for row in tomllib.loads(text)["threshold"]
    ]


def _refuse_second(threshold: Threshold) -> None:
    same = Threshold.objects.filter(
        city_id=threshold.city_id,
        device_kind=threshold.device_kind,
        quantity=threshold.quantity,
        severity=threshold.severity,
        valid_from=threshold.valid_from,
    )
    if same.exists():
        raise Refused(_("Another threshold counts from the same time; choose a later one."))


def _refuse_nonsense(rule: Rule) -> None:
    if not rule.source.strip():
        raise Refused(_("Name the rule or decision that sets this level."))
    if not 0 <= rule.hold <= LONGEST_HOLD:
        raise Refused(_("A level must last between no time and a day."))
    if rule.level is None:
        if rule.clear_level is not None:
            raise Refused(_("A threshold that is switched off has no level to clear at."))
    elif rule.clear_level is None or not _clears(rule.level, rule.clear_level, rule.above):
        raise Refused(
            _("Say at which level the cause counts as gone, on the safe side of the level.")
        )


def _clears(level: float, clear_level: float, above: bool) -> bool:
    return clear_level <= level if above else clear_level >= level
