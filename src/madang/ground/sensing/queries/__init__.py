"""Reads of sensing, shaped for pages and API."""

from madang.ground.sensing.queries.health import (
    STATES,
    KindHealth,
    devices,
    health_by_kind,
    quantities,
    quarantine,
    quarantined_today,
    samples,
    state_counts,
)
from madang.ground.sensing.queries.many import (
    Counted,
    counted,
    counted_by,
    counted_on,
    newest,
    newest_readings,
    stated,
    timed_readings,
)
from madang.ground.sensing.queries.one import (
    Point,
    latest,
    measures,
    newest_states,
    series,
    step_for,
)

__all__ = [
    "STATES",
    "Counted",
    "KindHealth",
    "Point",
    "counted",
    "counted_by",
    "counted_on",
    "devices",
    "health_by_kind",
    "latest",
    "measures",
    "newest",
    "newest_readings",
    "newest_states",
    "quantities",
    "quarantine",
    "quarantined_today",
    "samples",
    "series",
    "state_counts",
    "stated",
    "step_for",
    "timed_readings",
]
