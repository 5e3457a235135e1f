"""On what a result stands, and the hash by which the same numbers are known again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from madang.systems.climate.domain import fitting, premises

if TYPE_CHECKING:
    from madang.systems.climate.held import Place, Plan

# what is of the moment of asking, or words of a language, and not of the result
FLEETING = frozenset({"now", "celsius_now", "reached", "said", "reasons", "digest"})


def stands_on(place: Place, plan: Plan | None, method: str) -> dict[str, Any]:
    """Inputs with their versions, premises, the table of coefficients, method; the plan where there is one.

    classes: the table's id and the SHA-256 of its rows, which the API tells with every source.
    """
    given = plan.premises if plan else fitting.day_of(place.city)
    version = {"plan": {"id": str(plan.scenario.pk), "version": plan.version}} if plan else {}
    return {
        "inputs": place.inputs, "classes": place.classes, "premises": premises.said(given),
        "method": method, "simulated": place.simulated, **version,
    }  # fmt: skip


def sealed(body: dict[str, Any]) -> dict[str, Any]:
    """body with its hash."""
    return {**body, "digest": digest(body)}


def digest(body: dict[str, Any]) -> str:
    """SHA-256 of a result as JSON with sorted names: reckoned again it is the same."""
    said = json.dumps(_lasting(body), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(each) for name, each in value.items() if name not in FLEETING}
    if isinstance(value, (list, tuple)):
        return [_lasting(each) for each in value]
    return value
