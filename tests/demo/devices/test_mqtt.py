"""What a demo device said and was not acknowledged is said again, on a real MQTT listener."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest
import uvloop

from fixtures.nats import TestNats, free_port
from madang.demo.devices import mqtt

CONFIG = """
server_name: mqtt
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{store}" }}
mqtt {{ listen: "127.0.0.1:{mqtt}" }}
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[TestNats, int]]:
    port = free_port()
    server = TestNats(tmp_path, CONFIG, mqtt=port)
    server.start()
    yield server, port
    server.stop()


async def test_nothing_said_is_lost_when_the_server_is_killed(broker: tuple[TestNats, int]) -> None:
    server, port = broker
    account = mqtt.Account()
    device = mqtt.Connection(("127.0.0.1", port), "demo/A-1", "x" * 20, account)
    kept = asyncio.create_task(device.keep())
    watcher = await nats.connect(server.url)
    await watcher.jetstream().add_stream(name="SAID", subjects=["m.>"])
    await watcher.close()
    for number in range(300):
        device.say(mqtt.Word("m/demo/A-1/states", str(number).encode()))
    await _until(lambda: account.acknowledged >= 100)
    server.kill()
    for number in range(300, 400):
        device.say(mqtt.Word("m/demo/A-1/states", str(number).encode()))
    server.start()
    await _until(lambda: device.unsaid() == 0)
    kept.cancel()
    assert await _said(server) >= {str(number) for number in range(400)}
    assert account.acknowledged == 400
    assert account.sent == {"states": 400}
    assert account.forgotten == 0


async def test_a_full_memory_forgets_the_oldest_and_counts_it() -> None:
    account = mqtt.Account()
    device = mqtt.Connection(("127.0.0.1", 1), "demo/A-1", "x" * 20, account)
    for number in range(mqtt.MEMORY + 5):
        device.say(mqtt.Word("m/demo/A-1/states", str(number).encode()))
    assert device.unsaid() == mqtt.MEMORY
    assert account.forgotten == 5


def test_it_greets_the_server_under_the_loop_that_processes_run_on() -> None:
    async def greeting() -> bytes:
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.put_nowait(await reader.read(100))
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        device = mqtt.Connection(address, "demo/A-1", "x" * 20, mqtt.Account())
        kept = asyncio.create_task(device.keep())
        said = await asyncio.wait_for(heard.get(), 5)
        kept.cancel()
        return said

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert b"demo/A-1" in runner.run(greeting())


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 2_097_151])
def test_a_packet_is_read_as_it_was_written_and_not_before_it_is_whole(size: int) -> None:
    packet = bytes([mqtt.PUBACK]) + mqtt._length(size) + b"x" * size
    assert mqtt._first_packet(packet + b"@") == (mqtt.PUBACK, b"x" * size, b"@")
    assert mqtt._first_packet(packet[:-1]) is None


async def _until(true: object, seconds: float = 20) -> None:
    assert callable(true)
    for _ in range(int(seconds * 20)):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to be")


async def _said(server: TestNats) -> set[str]:
    connection = await nats.connect(server.url)
    reader = await connection.jetstream().pull_subscribe("m.>", stream="SAID")
    found: set[str] = set()
    while True:
        try:
            found |= {message.data.decode() for message in await reader.fetch(500, timeout=1)}
        except TimeoutError:
            await connection.close()
            return found
