"""The embedded NATS: only with its password, its ports remembered, another taken when one is."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nats as client
import pytest

from madang.run import nats
from madang.run.settings import settings


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="마당 nats "))
    (folder / "nats").mkdir()
    (folder / "nats" / "ports.json").write_text('{"client": 0, "mqtt": 0}')  # any free ones
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[str]:
    """A running server in a folder with a space and Hangul; its URL."""
    process = subprocess.Popen(nats.command(nats.prepare(home)), stderr=subprocess.DEVNULL)
    url = nats.url(home, settings())
    wait(url)
    yield url
    process.terminate()
    process.wait(10)


def wait(url: str) -> None:
    for _ in range(200):
        try:
            return nats.greet(url)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("NATS did not start")


async def test_keeps_what_it_acknowledged(server: str) -> None:
    connection = await client.connect(server)
    log = connection.jetstream()
    await log.add_stream(name="S", subjects=["s.>"])
    assert (await log.publish("s.a", b"one")).seq == 1
    await connection.close()


def test_refuses_whom_it_does_not_know(server: str) -> None:
    """It asks the gate, and lets nobody in while there is none."""
    port = int(server.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stranger:
        stranger.sendall(b'CONNECT {"verbose": false, "pedantic": false}\r\nPING\r\n')
        said = b""
        while more := stranger.recv(4096):
            said += more
    assert b"-ERR 'Authorization Violation'" in said
    assert b"PONG" not in said


def test_keeps_its_ports(home: Path) -> None:
    assert nats.prepare(home).ports == nats.prepare(home).ports == nats.ports(home)


def test_takes_another_port_when_one_is_taken(home: Path) -> None:
    before = nats.prepare(home).ports
    with socket.create_server(("127.0.0.1", before.mqtt)):
        after = nats.prepare(home, patience=0).ports
    assert after.mqtt != before.mqtt
    assert after.client == before.client


def test_only_its_owner_may_read_the_passwords(home: Path) -> None:
    config = nats.prepare(home).config
    assert config.stat().st_mode & 0o077 == 0
    assert json.loads(config.read_text())["system_account"] == "SYS"
