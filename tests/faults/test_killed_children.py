"""Kill -9 of each child while requests run: pages come back, and nothing acknowledged is lost."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import nats
import psycopg
import pytest
from nats.errors import Error as NatsError
from psycopg import sql

from fixtures.platform import Platform
from madang.run import nats as log
from madang.run import postgres
from madang.run.settings import Settings

pytestmark = pytest.mark.fault
SOON = 10  # seconds; on a machine so busy that a whole start takes longer, as long as that


class Visitor(threading.Thread):
    """Somebody who loads a page again and again; remembers when it last failed."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(daemon=True)
        self.platform = platform
        self.over = threading.Event()
        self.loaded = self.failed = 0
        self.last_failed = 0.0

    def run(self) -> None:
        while not self.over.is_set():
            if self.platform.get("/", timeout=SOON) == 200:
                self.loaded += 1
            else:
                self.failed += 1
                self.last_failed = time.monotonic()
            time.sleep(0.02)


@pytest.fixture
def visitor(platform: Platform) -> Iterator[Visitor]:
    visitor = Visitor(platform)
    visitor.start()
    yield visitor
    visitor.over.set()
    visitor.join()


def kill(platform: Platform, title: str) -> float:
    """Kill a child and wait until it is ready again; when it was killed."""
    before = platform.child(title)
    os.kill(before["pid"], signal.SIGKILL)
    at = time.monotonic()
    platform.until(
        lambda: (now := platform.child(title))["state"] == "ready" and now["pid"] != before["pid"]
    )
    return at


@pytest.mark.parametrize("title", ["web 1", "web 2", "nats", "postgres", "nursery"])
def test_pages_come_back_soon(platform: Platform, visitor: Visitor, title: str) -> None:
    platform.until(lambda: visitor.loaded > 5)
    at = kill(platform, title)
    loaded = visitor.loaded
    platform.until(lambda: visitor.loaded > loaded + 20)
    soon = max(SOON, platform.took)
    assert visitor.last_failed == 0 or visitor.last_failed - at < soon
    assert platform.until(lambda: platform.get("/readyz") == 200) < soon


def test_every_process_comes_back_after_the_nursery_died(platform: Platform) -> None:
    kill(platform, "nursery")
    for title in platform.titles():
        platform.until(lambda title=title: platform.child(title)["state"] == "ready")  # type: ignore[misc]


def test_what_the_database_acknowledged_is_there(platform: Platform) -> None:
    table = sql.Identifier("kept")
    url = postgres.url(platform.home, postgres.OWNER)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE TABLE {} (n int)").format(table))
    acknowledged: list[int] = []
    over = threading.Event()

    def write() -> None:
        insert = sql.SQL("INSERT INTO {} VALUES (%s)").format(table)
        while not over.is_set():
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    while not over.is_set():
                        connection.execute(insert, [len(acknowledged)])
                        acknowledged.append(len(acknowledged))
            except psycopg.Error:
                time.sleep(0.02)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    platform.until(lambda: len(acknowledged) > 100)
    kill(platform, "postgres")
    so_far = len(acknowledged)
    platform.until(lambda: len(acknowledged) > so_far + 100)
    over.set()
    writer.join()
    with psycopg.connect(url, autocommit=True) as connection:
        rows = {n for (n,) in connection.execute(sql.SQL("SELECT n FROM {}").format(table))}
        connection.execute(sql.SQL("DROP TABLE {}").format(table))
    assert set(acknowledged) <= rows


async def test_what_the_log_acknowledged_is_there(platform: Platform) -> None:
    url = log.url(platform.home, Settings(nats_url=None))
    connection = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.1)
    stream = connection.jetstream()
    await stream.add_stream(name="KEPT", subjects=["kept"])
    acknowledged = [(await stream.publish("kept", str(n).encode())).seq for n in range(200)]
    kill(platform, "nats")
    until = time.monotonic() + SOON
    while True:
        try:
            info = await stream.stream_info("KEPT")
            break
        except NatsError:
            assert time.monotonic() < until
    assert info.state.messages >= len(acknowledged)
    await stream.delete_stream("KEPT")
    await connection.close()
