"""Reports on paper: asked for by anybody, made by a job, and offered as long as they say what holds."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation

from madang.systems.climate.domain import inventory, surfaces
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Layer, Report, Scenario

METHOD = "report-3"  # another form of report is another one
KEPT = 6  # of a plan: the newest, in three languages
LOST_AFTER = timedelta(minutes=10)  # nobody works on it any more: it may be asked for again
SEEN = (Layer.EVAPOTRANSPIRATION, Layer.ALBEDO, Layer.SHADE)


def stand(plan: Scenario) -> str:
    """SHA-256 of what a report of the plan stands on: its version and the city's inputs of now."""
    newest = (surfaces.newest_or_none(plan.city, layer) for layer in SEEN)
    words = [
        METHOD, plan.version, plan.land_id, plan.table_id, inventory.version(plan.city),
        [each.digest if each else "" for each in newest],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(words, default=str).encode()).hexdigest()


def current(plan: Scenario, language: str) -> Report | None:
    """The report that was asked for of the plan as it is, without its file."""
    rows = Report.objects.filter(scenario=plan, language=language, digest=stand(plan))
    return rows.defer("file").first()


@transaction.atomic
def ask(plan: Scenario, language: str) -> Report:
    """Have the plan's report made, unless it is there or under way."""
    from madang.systems.climate.tasks import make_report

    row, made = Report.objects.defer("file").get_or_create(
        scenario=plan, language=language, digest=stand(plan), defaults={"city_id": plan.city_id}
    )
    lost = row.state == Report.State.WAITING and timezone.now() - row.asked > LOST_AFTER
    if made or lost or row.state == Report.State.REFUSED:
        row.state, row.refusal, row.asked = Report.State.WAITING, None, timezone.now()
        row.save(update_fields=["state", "refusal", "asked"])
        make_report.defer(report_id=str(row.pk))
        _forget_old(plan)
    return row


def make(report_id: UUID) -> None:
    """Make a report that waits; what keeps it from being made is kept with it."""
    from madang.systems.climate.report.paper import found, paper

    rows = Report.objects.select_related("scenario__city").defer("file")
    row = rows.filter(pk=report_id, state=Report.State.WAITING).first()
    if row is None:
        return
    zone = ZoneInfo(row.scenario.city.time_zone)
    try:
        with translation.override(row.language), timezone.override(zone):
            row.file = paper(found(row.scenario))
        if stand(Scenario.objects.select_related("city").get(pk=row.scenario_id)) != row.digest:
            raise Refusal("changed-meanwhile")
    except Refusal as refusal:
        row.file, row.state = None, Report.State.REFUSED
        words = {name: str(value) for name, value in refusal.words.items()}
        row.refusal = {"code": refusal.code, "words": words}
    else:
        row.state, row.made = Report.State.MADE, timezone.now()
    row.save(update_fields=["file", "state", "refusal", "made"])


def _forget_old(plan: Scenario) -> None:
    """A file of what a plan once was is made again in seconds; its rows are the record."""
    kept = Report.objects.filter(scenario=plan).order_by("-asked").values("pk")[:KEPT]
    Report.objects.filter(scenario=plan).exclude(
        pk__in=list(kept.values_list("pk", flat=True))
    ).delete()
