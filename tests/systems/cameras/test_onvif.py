"""ONVIF as it is spoken: the library's client against the demo's devices, and devices that err."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

import pytest

from fixtures.onvif import PASSWORD, USER, device
from fixtures.onvif import Device as Camera
from madang.demo.eyes.heads import HOME
from madang.systems.cameras.onvif import talk as talking
from madang.systems.cameras.onvif.head import Head
from madang.systems.cameras.onvif.talk import (
    Device,
    OnvifError,
    RefusedError,
    SilentError,
    Talk,
    words,
)
from madang.systems.cameras.steering.edges import Position


def talk(camera: Camera, password: str = PASSWORD) -> Talk:
    return Talk(Device(camera.address, USER, password))


async def until_still(head: Head) -> Position:
    async with asyncio.timeout(20):
        while (status := await head.status()).moving:
            await asyncio.sleep(0.05)
    assert status.at is not None
    return status.at


async def test_a_real_client_turns_the_demo_camera() -> None:
    with device() as camera:
        async with talk(camera) as spoken:
            head = Head(spoken, "one-main")
            uri = await spoken.ask(
                "media",
                "GetStreamUri",
                {
                    "StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}},
                    "ProfileToken": "one-main",
                },
            )
            assert words(uri, "Uri").startswith("rtsp://")
            assert (await head.status()).at == pytest.approx(HOME)
            await head.move(Position(0.5, 0.0, 0.0), 0.3)
            turned = await until_still(head)
            assert 0.02 < turned.pan <= 0.3 * 0.5 * 90 / 170 + 0.001
            assert [one.token for one in await head.presets()] == ["1", "2", "3"]
            await head.preset("2")
            assert (await until_still(head)).pan == pytest.approx(0.3)
            assert await head.keep("시장 입구") == "4"
            await head.go(Position(-0.1, 0.2, 0.1))
            assert await until_still(head) == pytest.approx((-0.1, 0.2, 0.1))
            await head.centre(1.0, 0.0)
            assert (await until_still(head)).pan > -0.1
            await head.home()
            assert await until_still(head) == pytest.approx(HOME)
            with pytest.raises(OnvifError, match="no such preset"):
                await head.preset("99")


async def test_a_wrong_clock_is_allowed_for_and_a_wrong_password_is_named() -> None:
    with device(ahead=7200) as camera:
        async with talk(camera) as spoken:
            assert (await Head(spoken, "one-main").status()).at is not None
        async with talk(camera, "falsch") as spoken:
            with pytest.raises(RefusedError):
                await Head(spoken, "one-main").status()


def wrong_namespaces(status: int, body: str) -> tuple[int, str]:
    """Everything in the namespace of the service, as seen in the wild."""
    return status, re.sub(r"(</?)(tt|tds|trt):", r"\1tptz:", body)


def old_soap(status: int, body: str) -> tuple[int, str]:
    return status, body.replace(
        "http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"
    )


@pytest.mark.parametrize("spoil", [wrong_namespaces, old_soap])
async def test_replies_in_wrong_namespaces_are_understood(spoil: object) -> None:
    with device() as camera:
        camera.server.spoil = spoil  # type: ignore[assignment]
        async with talk(camera) as spoken:
            head = Head(spoken, "one-main")
            assert (await head.status()).at == pytest.approx(HOME)
            assert len(await head.presets()) == 3
            with pytest.raises(OnvifError, match="no such preset"):
                await head.preset("99")


async def test_a_device_that_is_silent_or_none_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "WITHIN", 0.5)
    with device() as camera:
        for spoil in (
            None,
            lambda status, body: (200, "<html>hello"),
            lambda status, body: (404, ""),
        ):
            camera.server.spoil = spoil
            async with talk(camera) as spoken:
                with pytest.raises(SilentError):
                    await Head(spoken, "one-main").status()
    async with talk(camera) as spoken:  # nobody listens there any more
        with pytest.raises(SilentError):
            await Head(spoken, "one-main").status()


async def test_a_device_that_sends_one_round_in_a_ring_is_given_up() -> None:
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked += 1
                size = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(size[1]) if size else 0)
                where = b"/one" if b" /two " in head else b"/two"
                writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + where)
                writer.write(b"\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/one"
    async with Talk(Device(address, USER, PASSWORD)) as spoken:
        with pytest.raises(SilentError):
            await Head(spoken, "one-main").status()
    server.close()
    assert 1 <= asked < 50


async def test_a_camera_that_knows_no_end_of_a_move_is_asked_without() -> None:
    with device() as camera:
        refusal = (
            "<s:Fault><s:Reason><s:Text>timeout is not supported</s:Text></s:Reason></s:Fault>"
        )

        def spoil(status: int, body: str) -> tuple[int, str]:
            if b"Timeout" in camera.server.asked[-1]:
                body = re.sub(r"<s:Body>.*</s:Body>", f"<s:Body>{refusal}</s:Body>", body)
                return 400, body
            return status, body

        camera.server.spoil = spoil
        async with talk(camera) as spoken:
            head = Head(spoken, "one-main")
            for _again in range(2):
                await head.move(Position(0.2, 0.0, 0.0), 1.0)
            moves = [one for one in camera.server.asked if b"ContinuousMove" in one]
            assert [b"Timeout" in one for one in moves] == [True, False, False]
