"""Figures of people and the trail: rights checked, acts recorded, the trail verified."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.installation import installation
from bench.report import figure, heading, percentile

GRANTS, ASKED = 50, 100_000
WRITERS, APPENDS = 4, 2500  # processes, entries each
VERIFIED = int(os.environ.get("BENCH_TRAIL_ENTRIES", 1_000_000))


def main() -> None:
    heading("people and trail", writers=WRITERS, appends=WRITERS * APPENDS, verified=VERIFIED)
    with installation() as home:
        bench_appends(home)  # first: it forks, which no thread must see
        bench_camera_right(home)
        bench_verify(home)


def bench_camera_right(home: Path) -> None:
    """The right of an officer with 50 grants, asked as video asks it, and how fast one is revoked."""
    from django.utils import timezone

    from madang.ground.people.camera_rights import read_camera_rights
    from madang.ground.people.domain.grants import revoke_grant
    from madang.ground.people.rights_book import RightsBook
    from madang.ground.trail.public import Actor
    from madang.run import postgres

    officer, seen, grants = _officer_with_grants()
    book = RightsBook({"conninfo": postgres.url(home, postgres.APP)})
    book.start()
    while not book.hears:
        time.sleep(0.01)
    spans = []
    for number in range(ASKED):
        began = time.perf_counter()
        right = book.by(officer, seen[number % len(seen)], "view")
        spans.append(time.perf_counter() - began)
        assert right is not None
    slow = time.perf_counter()
    for _ in range(50):
        assert read_camera_rights(officer).by(seen[0], "view", timezone.now())
    slow = (time.perf_counter() - slow) / 50
    mean = sum(spans) / len(spans)
    figure("rights.camera_check", mean * 1e6, "µs", "the same read from the database", mean / slow)
    figure("rights.camera_check_p99", percentile(spans, 0.99) * 1e6, "µs")
    delays = []
    for grant, camera in zip(grants[:20], seen[:20], strict=True):
        revoke_grant(Actor(name="bench"), grant, "benchmark over")
        began = time.perf_counter()
        while book.by(officer, camera, "view"):
            time.sleep(0.0001)
        delays.append(time.perf_counter() - began)
    figure("rights.revocation_p95", percentile(delays, 0.95) * 1e3, "ms")
    book.stop()


def _officer_with_grants() -> tuple[Any, list[Any], list[Any]]:
    """A seconded officer with GRANTS grants of ten cameras each; one camera of each grant."""
    from datetime import timedelta
    from uuid import uuid4

    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.utils import timezone

    from madang.ground.city.models import City
    from madang.ground.people.camera_rights import CameraFacts
    from madang.ground.people.domain.grants import Incident, give_grant
    from madang.ground.people.public import create_account, create_organisation, give_role
    from madang.ground.trail.public import Actor

    actor = Actor(name="bench")
    city = City.objects.create(key="bench", simulated=True)
    police = create_organisation(actor, city, "police", "police", {"en": "Police"})
    officer = create_account(actor, "officer@bench.example", "Officer")
    TOTP.activate(officer, generate_totp_secret())
    give_role(actor, officer, police, "seconded_police")
    until = timezone.now() + timedelta(hours=8)
    cameras = [[uuid4() for _ in range(10)] for _ in range(GRANTS)]
    grants = [
        give_grant(actor, police, Incident(uuid4(), "2026-1"), some, until, "benchmark")
        for some in cameras
    ]
    return officer.pk, [CameraFacts(some[-1], city.pk, "crime") for some in cameras], grants


def bench_appends(home: Path) -> None:
    """Acts recorded at once by several processes, each in a transaction that is synced to disk."""
    from madang.ground.trail.public import declare

    declare("bench.act", "Benchmark")
    plain = _at_once(_write_plain_rows)
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    proved = context.Queue()
    watcher = context.Process(target=_sequence, args=(stop, proved))
    watcher.start()
    ours = _at_once(_write_entries)
    stop.set()
    delays = proved.get()
    watcher.join()
    figure("trail.appends", ours, "1/s", "plain INSERT of the same words", ours / plain)
    figure("trail.proof_delay_max", max(delays), "s")


def _at_once(write: Callable[[], None]) -> float:
    """Rows a second that WRITERS processes write together."""
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(WRITERS + 1)

    def work() -> None:
        from django.db import connection

        connection.ensure_connection()
        gate.wait()
        write()

    workers = [context.Process(target=work) for _ in range(WRITERS)]
    for worker in workers:
        worker.start()
    gate.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    return WRITERS * APPENDS / (time.perf_counter() - began)


def _write_entries() -> None:
    from madang.ground.ids import new_id
    from madang.ground.trail.public import Act, Actor, record

    actor = Actor(account=new_id(), name="홍길동", organisation=new_id(), address="10.0.0.7")
    for number in range(APPENDS):
        record(
            actor,
            Act(
                "bench.act", thing=("camera", str(number)), right="cameras.view", reason="순찰관제"
            ),
        )


def _write_plain_rows() -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    words = "x" * 300
    for _ in range(APPENDS):
        Session.objects.create(
            session_key=secrets.token_hex(16), session_data=words, expire_date=timezone.now()
        )


def _sequence(stop: Any, proved: Any) -> None:
    """The trail's own process; tells how long each batch's oldest entry waited for its proof."""
    from datetime import UTC, datetime

    from django.conf import settings

    from madang.ground.trail.domain.sequencing import BATCH, place_pending
    from madang.ground.trail.models import Entry, Pending
    from madang.ground.trail.worker import PAUSE, configured_signer

    signer, delays = configured_signer(), []
    while not stop.is_set() or Pending.objects.exists():
        oldest = Pending.objects.order_by("id").values_list("entry", flat=True).first()
        placed = place_pending(settings.TRAIL_ORIGIN, signer)
        if placed.entries and oldest:
            written = Entry.objects.get(pk=oldest).time
            delays.append((datetime.now(UTC) - written).total_seconds())
        if placed.entries < BATCH:
            time.sleep(PAUSE)
    proved.put(delays)


def bench_verify(home: Path) -> None:
    """Check a trail of VERIFIED entries against one head kept outside."""
    from madang.ground.trail.audit import check
    from madang.ground.trail.notes import Ed25519Signer, Head, key_of, sign
    from madang.ground.trail.reading import database_rows, database_waiting
    from madang.run import postgres

    signer = Ed25519Signer("bench")
    size, root = _fill(postgres.url(home, postgres.SUPERUSER))
    from datetime import UTC, datetime

    note = sign(Head("bench", size, root, datetime.now(UTC)), signer)
    with psycopg.connect(postgres.url(home, postgres.APP)) as connection:
        began = time.perf_counter()
        waiting = database_waiting(connection)
        report = check(database_rows(connection), [note], [key_of("bench", signer)], waiting)
        spent = time.perf_counter() - began
    assert report.sound, report.findings[:3]
    assert report.under_heads == VERIFIED
    figure("trail.verify", spent * 1_000_000 / VERIFIED, "s for 1,000,000 entries")


def _fill(url: str) -> tuple[int, bytes]:
    """A trail of VERIFIED true entries, by COPY; its size and root."""
    from madang.ground.trail.merkle import Frontier

    frontier = Frontier()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE trail_entry, trail_personal, trail_place CASCADE")
        for batch in range(0, VERIFIED, 50_000):
            rows = list(_entries(batch, min(batch + 50_000, VERIFIED), frontier))
            for table, number in (("trail_entry", 0), ("trail_personal", 1), ("trail_place", 2)):
                with connection.cursor().copy(f"COPY {table} {COLUMNS[number]} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row[number])
        connection.execute("VACUUM ANALYZE")
    return frontier.size, frontier.root()


COLUMNS = (
    '(id, time, city, actor, organisation, action, thing_kind, thing_id, "right", detail, commitment)',
    "(entry_id, salt, name, address, reason, detail)",
    "(position, entry_id, leaf)",
)


def _entries(first: int, last: int, frontier: Any) -> Iterator[tuple[Any, Any, Any]]:
    from datetime import UTC, datetime, timedelta

    from madang.ground.ids import new_id
    from madang.ground.trail.leaf import commit, leaf_data, personal_data
    from madang.ground.trail.merkle import leaf_hash

    start = datetime(2026, 1, 1, tzinfo=UTC)
    city = str(new_id())
    for number in range(first, last):
        entry, salt = str(new_id()), secrets.token_bytes(32)
        words = ("홍길동", "10.0.0.7", "순찰관제")
        commitment = commit(salt, personal_data(words, {}))
        micros = 1_767_225_600_000_000 + number * 1000
        fields = (entry, micros, city, entry, city, "bench.act", "camera", str(number % 500), "x.y")
        leaf = leaf_hash(leaf_data(fields, {"level": number % 7}, commitment))
        frontier.append(leaf)
        moment = start + timedelta(milliseconds=number)
        detail = f'{{"level": {number % 7}}}'
        yield (
            (entry, moment, *fields[2:], detail, commitment),
            (entry, salt, *words, "{}"),
            (number, entry, leaf),
        )


if __name__ == "__main__":
    main()
