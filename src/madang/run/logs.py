"""Structured logs: one JSON object a line for the log files, short lines for a person at a terminal."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

QUIET = {
    "asyncio": "WARNING",
    "django.request": "ERROR",  # pages that are not there are no news
    "procrastinate.blueprints": "WARNING",
    "procrastinate.periodic": "WARNING",
    "uvicorn.error": "WARNING",
}


def configure(wanted: dict[str, Any]) -> None:
    """Send what Django, libraries and rooms log to stderr. wanted has the least level and the process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering()],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(str(wanted.get("level", "info")).upper())
    logging.captureWarnings(True)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)


def _rendering() -> list[Any]:
    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer()]
    return [
        structlog.processors.format_exc_info,
        _in_order,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]


def _in_order(logger: Any, method: str, event: Any) -> dict[str, Any]:
    """The level first, so that the supervisor finds errors without reading every line as JSON."""
    first = {
        name: event.pop(name) for name in ("level", "time", "logger", "event") if name in event
    }
    return {**first, **event}
