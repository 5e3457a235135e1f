"""Streams come back with every message and every reader's place, on a server that never saw them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nats
import pytest

from fixtures.nats import TestNats
from madang.run.care import log


@pytest.fixture
def other_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestNats]:
    server = TestNats(tmp_path_factory.mktemp("other"))
    server.start()
    yield server
    server.stop()


async def test_a_log_comes_back_as_it_was(
    own_nats: TestNats, other_nats: TestNats, tmp_path: Path
) -> None:
    await _fill(own_nats.url)
    folder = tmp_path / "saved"
    folder.mkdir()
    saved = await log.save(own_nats.url, folder)
    assert {one.name: one.messages for one in saved} == {"LOG_X": 3000, "KV_k": 1}
    assert await log.load(other_nats.url, folder) == saved

    connection = await nats.connect(other_nats.url)
    stream = connection.jetstream()
    consumer = await stream.consumer_info("LOG_X", "recorder")
    assert consumer.ack_floor is not None
    assert consumer.ack_floor.stream_seq == 50
    reader = await stream.pull_subscribe_bind("recorder", "LOG_X")
    assert [message.data for message in await reader.fetch(1)] == [b"50" * 200]
    assert (await (await stream.key_value("k")).get("a")).value == b"1"
    await connection.close()


async def test_a_log_with_streams_is_left_alone(own_nats: TestNats, tmp_path: Path) -> None:
    await _fill(own_nats.url)
    await log.save(own_nats.url, tmp_path)
    with pytest.raises(log.LogCareError, match="KV_k, LOG_X"):
        await log.load(own_nats.url, tmp_path)


async def test_a_server_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(log.LogCareError, match="Is NATS running"):
        await log.save("nats://127.0.0.1:1", tmp_path)


async def _fill(url: str) -> None:
    connection = await nats.connect(url)
    stream = connection.jetstream()
    await stream.add_stream(name="LOG_X", subjects=["log.x.*"])
    for number in range(3000):
        await stream.publish("log.x.demo", str(number).encode() * 200) if number % 500 == 499 else (
            await connection.publish("log.x.demo", str(number).encode() * 200)
        )
    reader = await stream.pull_subscribe("log.x.*", durable="recorder")
    for message in await reader.fetch(50):
        await message.ack_sync()
    await (await stream.create_key_value(bucket="k")).put("a", b"1")
    await connection.close()
