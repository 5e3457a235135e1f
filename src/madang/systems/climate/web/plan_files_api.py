"""A plan's file over the API: sent and judged, then drawn whole or not at all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from madang.ground.city.reasons import Because
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth, acting
from madang.systems.climate.domain import plan_files
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.web.plan_files import LARGEST, sentence, take
from madang.systems.climate.web.plans_api import PLAN, changed, plan_of
from madang.systems.climate.web.shapes import ChangedOut, Seen

router = Router(tags=["climate"])
change = RightAuth("climate.plan")


class FaultOut(Schema):
    number: str
    code: str
    said: str


class FileOut(Schema):
    """things: what would be drawn; rejected: why not, and then nothing of the file can be drawn."""

    id: UUID
    name: str
    features: int
    things: int
    rejected: list[FaultOut]


class ApplyIn(Schema):
    seen: Seen


@router.post(
    f"{PLAN}/files", response={201: FileOut}, auth=change, summary="Send a file with a plan"
)
def send(
    request: CityRequest, city: str, pk: UUID, file: File[UploadedFile], crs: Form[str] = ""
) -> Any:
    """GeoJSON, GeoPackage or a zipped shapefile, up to 32 MiB; crs only where the file lacks it."""
    plan = plan_of(request, pk)
    if (file.size or 0) > LARGEST:
        raise Refusal("file-too-large", limit=f"{LARGEST >> 20} MiB")
    try:
        row = take(plan, file, crs[:60], request)
    except Because as reason:
        raise Refusal("unreadable-file", detail=str(reason)) from reason
    faults = [
        {"number": number, "code": code, "said": sentence(code, words)}
        for number, code, words in row.rejected
    ]
    return 201, {"id": row.pk, "name": row.name, "features": row.features, "things": len(row.drawn),
                 "rejected": faults}  # fmt: skip


@router.post(
    f"{PLAN}/files/{{uuid:file}}/draw", response=ChangedOut, auth=change, summary="Draw a file"
)
def draw(request: CityRequest, city: str, pk: UUID, file: UUID, given: ApplyIn) -> Any:
    """All of it or nothing; the totals are those after it."""
    plan = plan_of(request, pk)
    added = plan_files.apply(file, plan.pk, given.seen, acting(request))
    return changed(request, plan.pk, added, given.seen)
