"""What of a span is recorded, and what is missing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from madang.systems.cameras.models import GivingSpan, Segment
from madang.systems.cameras.recorders.held import Span
from madang.systems.cameras.recorders.wanted import missing
from madang.systems.cameras.troubles import in_words

HOLE = timedelta(milliseconds=500)  # between two files of a recording more is a gap


def segments_of(span: GivingSpan) -> list[Segment]:
    """What is recorded of a span."""
    rows = Segment.objects.filter(
        camera=span.camera_id, gone=None, begins__lt=span.ends, ends__gt=span.begins
    )
    return list(rows.order_by("begins"))


def gaps_of(span: GivingSpan, segments: list[Segment]) -> list[tuple[datetime, datetime, str]]:
    """What of a span is not recorded, and why as far as it is known."""
    found, at = [], span.begins
    held = missing(span.camera_id, span.begins, span.ends)
    for one in segments:
        if one.begins - at > HOLE:
            label = str(one.get_gap_display()) if one.gap else ""
            words = " · ".join(part for part in (label, in_words(one.gap_words)) if part)
            found.append((at, one.begins, words or _why(at, one.begins, held)))
        at = max(at, one.ends)
    if span.ends - at > HOLE:
        found.append((at, span.ends, _why(at, span.ends, held)))
    return found


def _why(begins: datetime, ends: datetime, held: list[Span]) -> str:
    if any(one < ends and other > begins for one, other in held):
        return _("On the recorder, not fetched from it")
    return _("Not recorded, or destroyed since")
