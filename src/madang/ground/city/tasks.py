"""Jobs of the city: reading an uploaded file, and applying it once a person has agreed."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from madang.ground.city.domain import uploads


@app.task(name="city.read_upload", queue="imports")
def read_upload(import_id: str) -> None:
    uploads.read(UUID(import_id))


@app.task(name="city.apply_upload", queue="imports")
def apply_upload(import_id: str, shown: list[int]) -> None:
    uploads.apply(UUID(import_id), shown)
