"""Small cities and files for the tests of importing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import connection
from shapely import box
from shapely.geometry import mapping

from madang.ground.city.domain import uploads
from madang.ground.city.domain.imports import begin, bring
from madang.ground.city.domain.intake import Options
from madang.ground.city.domain.many import Step, steps
from madang.ground.city.models import City, Import
from madang.ground.city.public import Record, Source, make_city, write
from madang.ground.city.queries.summaries import tables
from madang.ground.city.reading.files import look_into
from madang.ground.trail.public import Actor

ACTOR = Actor(name="test")
STOPS = ["정류장ID", "정류장명", "lon", "lat"]
INSIDE = (127.0, 37.27)


def new_city(key: str = "yard") -> City:
    return make_city(key, {"ko": "마당"}, ACTOR)


def with_district(city: City) -> City:
    """The city with one dong around INSIDE, 0.1 degrees wide."""
    from madang.ground.city.models import District

    dong = {"level": "dong", "names": {"ko": "가동"}}
    outline = box(126.95, 37.22, 127.05, 37.32)
    write(city, Source("districts", {}), [Record(District, "1111100000", dong, outline)], ACTOR)
    city.refresh_from_db()
    return city


def stops_csv(rows: Iterable[Iterable[Any]], header: list[str] = STOPS) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def stops_file(folder: Path, rows: Iterable[Iterable[Any]], encoding: str = "utf-8") -> Path:
    path = folder / "anything.txt"
    path.write_bytes(stops_csv(rows).encode(encoding))
    return path


def geojson_file(folder: Path, features: Iterable[tuple[dict[str, Any], Any]], **more: Any) -> Path:
    path = folder / "map.json"
    collection = {
        "type": "FeatureCollection",
        **more,
        "features": [
            {"type": "Feature", "properties": values, "geometry": shape and mapping(shape)}
            for values, shape in features
        ],
    }
    path.write_text(json.dumps(collection))
    return path


def plan(*paths: Path) -> list[Step]:
    """The steps of paths, where nothing needs to be read after what was unpacked is gone."""
    with look_into(list(paths)) as found:
        return steps(found)


def bring_files(city: City, *paths: Path, **options: Any) -> list[Import]:
    """Import everything in paths that is recognised, in order."""
    with look_into(list(paths)) as found:
        return [
            bring(begin(city, step.sheet, ACTOR), step.sheet, ACTOR, options=Options(**options))
            for step in steps(found)
            if step.sheet and not step.refused
        ]


def bring_file(city: City, path: Path, **options: Any) -> Import:
    [brought] = bring_files(city, path, **options)
    return brought


def counts(done: Import) -> tuple[int, int, int, int, int]:
    return done.read, done.new, done.changed, done.same, done.rejected


def dump() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that is filled from data sets."""
    return {
        label: [
            {key: _comparable(value) for key, value in row.items()}
            for row in model._default_manager.order_by("id").values()
        ]
        for label, model in tables().items()
    }


def _comparable(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def do_jobs() -> None:
    """Do what the jobs' process would: the jobs in line, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'"
            " RETURNING id, task_name, args"
        )
        jobs = sorted(cursor.fetchall())
    for _, name, args in jobs:
        words = json.loads(args) if isinstance(args, str) else args
        if name == "city.read_upload":
            uploads.read(words["import_id"])
        else:
            uploads.apply(words["import_id"], words["shown"])
