"""Figures of the recorder: rows a second from the log into the record, beside a plain COPY of them."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psycopg

from bench.installation import installation
from bench.report import figure, heading

DEVICES, SECONDS = 2000, 500  # a position a second of each
BATCH = 1000  # rows, as the gate packs them when it is busy
ROUNDS = 3
SEED = 20261122


def main() -> None:
    rows = DEVICES * SECONDS
    heading("recorder", rows=rows, devices=DEVICES, batch=BATCH, seed=SEED)
    with installation() as home, nats_server(home):
        from madang.run import postgres

        url = postgres.url(home, postgres.SUPERUSER)
        batches = positions()
        found: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):  # in turn, so that what else the machine does meets all of them
            for name, key in PEERS.items():
                found[name].append(copy_plain(url, batches, key))
            found["ours"].append(asyncio.run(record(home, batches)))
            found["again"].append(asyncio.run(record(home, batches)))
            empty(url)
    ours, again, bare, keyed = (median(found[name]) for name in ("ours", "again", "bare", "keyed"))
    figure("recorder.rows", ours, "1/s", "COPY into one table with the same key", ours / keyed)
    figure("recorder.rows_bare", ours, "1/s", "COPY into one table without a key", ours / bare)
    figure("recorder.rows_sent_again", again, "1/s", "the first time", again / ours)


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE sensing_position, sensing_batch")
        connection.execute("CHECKPOINT")


PEERS = {"bare": "", "keyed": ", PRIMARY KEY (device, time)"}


@contextmanager
def nats_server(home: Path) -> Iterator[None]:
    """The log as `madang up` runs it."""
    import subprocess

    from madang.run import nats
    from madang.run.settings import settings

    with (home / "nats.log").open("wb") as log:
        server = subprocess.Popen(nats.command(nats.prepare(home)), stdout=log, stderr=log)
    try:
        until = time.monotonic() + 20
        while True:
            try:
                nats.greet(nats.url(home, settings()))
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(20)


def positions() -> list[Any]:
    """What DEVICES vehicles say in SECONDS, in batches in the order of time."""
    from madang.ground.bus.messages import now_ms
    from madang.ground.sensing.messages import Positions

    random = np.random.default_rng(SEED)
    rows = DEVICES * SECONDS
    second = np.repeat(np.arange(SECONDS), DEVICES)
    columns: dict[str, Any] = {
        "device": np.tile(np.arange(1, DEVICES + 1, dtype=np.int32), SECONDS),
        "time": (now_ms() - SECONDS * 1000 + second * 1000).astype(np.int64),
        "lon": 127.0 + random.random(rows) / 10,
        "lat": 37.2 + random.random(rows) / 10,
        "x": 2e5 + random.random(rows) * 1e4,
        "y": 5e5 + random.random(rows) * 1e4,
        "speed": (random.random(rows) * 20).astype(np.float32),
        "heading": (random.random(rows) * 360).astype(np.float32),
        "accuracy": np.where(random.random(rows) < 0.1, np.nan, 5).astype(np.float32),
        "simulated": np.ones(rows, dtype=np.uint8),
    }
    return [
        Positions(
            city="bench",
            source="bench",
            **{name: column[first : first + BATCH] for name, column in columns.items()},
        )
        for first in range(0, rows, BATCH)
    ]


def copy_plain(url: str, batches: list[Any], key: str) -> float:
    """Rows a second of one binary COPY of all rows, encoded beforehand, into one table."""
    from madang.ground.sensing.recorder.tables import rows_of

    rows = rows_of(batches, ["bench"])
    blocks = list(rows.copied())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE bench_plain (device int NOT NULL, time timestamptz NOT NULL, lon float8 NOT NULL, "
            "lat float8 NOT NULL, x real NOT NULL, y real NOT NULL, speed real, heading real, accuracy real"
            f"{key})"
        )
        began = time.perf_counter()
        statement = "COPY bench_plain FROM STDIN (FORMAT binary)"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        took = time.perf_counter() - began
        connection.execute("DROP TABLE bench_plain")
        connection.execute("CHECKPOINT")
    return len(rows) / took


async def record(home: Path, batches: list[Any]) -> float:
    """Rows a second of a recorder that finds these rows on the log, in new batches."""
    import msgspec

    from madang.ground.bus.log import Log
    from madang.ground.bus.messages import new_message_id
    from madang.ground.sensing.database import dsn
    from madang.ground.sensing.messages import STREAMS
    from madang.ground.sensing.recorder.recorder import Recorder
    from madang.run import nats
    from madang.run.settings import settings

    url = nats.url(home, settings())
    log = await Log.connect(url, "bench")
    await log.ensure(*STREAMS)
    for first in range(0, len(batches), 50):
        said = [
            msgspec.structs.replace(one, id=new_message_id()) for one in batches[first : first + 50]
        ]
        await asyncio.gather(*map(log.publish, said))
    recorder = Recorder("recorder-bench", url, dsn())
    rows = sum(map(len, batches))
    began = time.perf_counter()
    work = asyncio.create_task(recorder.work())
    while recorder.state.facts < rows:
        await asyncio.sleep(0.02)
        if work.done():
            work.result()
    took = time.perf_counter() - began
    work.cancel()
    await asyncio.wait([work])
    await log.close()
    return rows / took


if __name__ == "__main__":
    main()
