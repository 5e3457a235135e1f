"""What is wrong with a camera is said in the viewer's language, with what to do; its own words stay."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

import aiohttp
import av
import av.error
import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.fragments import Broken, Unsaid
from madang.systems.cameras.intake.pull import Pull, Source
from madang.systems.cameras.live.showing import Shown, Viewer
from madang.systems.cameras.messages import Piece
from madang.systems.cameras.troubles import (
    KINDS,
    NUMBERS,
    WORDS,
    in_words,
    note,
    noted,
    noted_of_disk,
    parts,
    said_of,
)

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


def of_ffmpeg(code: int) -> Exception:
    with pytest.raises(av.error.FFmpegError) as met:
        av.error.err_check(-code)
    return met.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (REFUSED, "refused"),
        (of_ffmpeg(errno.ECONNREFUSED), "refused"),
        (of_ffmpeg(errno.ETIMEDOUT), "silent"),
        (of_ffmpeg(errno.EHOSTUNREACH), "away"),
        (of_ffmpeg(errno.EIO), "away"),
        (av.error.HTTPUnauthorizedError(0x31303418, "Server returned 401"), "denied"),
        (av.error.HTTPNotFoundError(0x34303418, "Server returned 404"), "missing"),
        (av.error.HTTPServerError(0x58585818, "Server returned 5XX"), "busy"),
        (av.error.InvalidDataError(0x41444E49, "Invalid data"), "mute"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "broken"),
        (socket.gaierror(-2, "Name or service not known"), "nameless"),
        (aiohttp.ServerDisconnectedError(), "broken"),
        (TimeoutError(), "silent"),
        (Broken("the camera ended the stream", kind="ended"), "ended"),
        (Unsaid("no parameter sets"), "undescribed"),
        (CameraError("no address", kind="unaddressed"), "unaddressed"),
        (RuntimeError("?"), "other"),
    ],
)
def test_every_error_has_a_kind_that_is_said_in_each_language(error: Exception, kind: str) -> None:
    assert parts(noted(error))[0] == kind
    said = set()
    for language in ("ko", "en", "ja"):
        with override(language):
            said.add(said_of(error))
            assert str(error) not in said_of(error) or not str(error)
    assert len(said) == 3


def test_the_tables_name_nothing_that_has_no_words() -> None:
    assert {*KINDS.values(), *NUMBERS.values()} <= set(WORDS)


async def test_what_aiohttp_meets_is_told_by_its_cause() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorError) as met:
                await session.get(f"http://127.0.0.1:{bound.getsockname()[1]}/")
    assert parts(noted(met.value))[0] == "refused"
    assert "ClientConnectorError" not in said_of(met.value)


def test_words_that_are_for_people_already_stay() -> None:
    assert noted(CameraError("비밀번호가 다릅니다.")) == "비밀번호가 다릅니다."
    assert said_of(CameraError("비밀번호가 다릅니다.")) == "비밀번호가 다릅니다."
    assert in_words("") == ""


@given(st.sampled_from(sorted(WORDS)), st.text(max_size=400))
def test_what_was_noted_is_read_again_and_is_not_too_long(kind: str, said: str) -> None:
    text = note(kind, said)
    assert len(text) <= 200
    found, words = parts(text)
    assert found == kind
    assert words in said or "://" in said


def test_a_disk_is_not_a_camera() -> None:
    assert parts(noted_of_disk(OSError(errno.ENOSPC, "No space left on device")))[0] == "disk-full"
    assert parts(noted_of_disk(OSError(errno.EIO, "Input/output error")))[0] == "disk"


@pytest.mark.parametrize("language", ["ko", "en", "ja"])
async def test_a_viewer_reads_it_in_their_language(language: str) -> None:
    shown, viewer = Shown(), Viewer(language=language)
    shown.join(viewer)
    shown.hear(Piece(0, why=noted(REFUSED)))
    word = await viewer.take()
    assert isinstance(word, dict)
    with override(language):
        assert word == {"t": "trouble", "why": str(WORDS["refused"])}


def test_a_camera_that_refuses_is_noted_so() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        told = _first_word(f"rtsp://user:secret@127.0.0.1:{bound.getsockname()[1]}/one")
    assert told == "refused: Connection refused"


def _first_word(address: str) -> str:
    said: asyncio.Queue[str] = asyncio.Queue()
    hear: Callable[[Piece], None] = lambda piece: said.put_nowait(piece.why)  # noqa: E731
    pull = Pull(Source(address), hear)
    with pytest.raises(av.error.FFmpegError) as met:
        pull._pull()
    pull._fail(met.value)
    return said.get_nowait()
