"""The web server's own part: Django on threads, static files, health and metrics."""

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from starlette.applications import Starlette
from starlette.routing import Mount

from madang.run import bodies
from madang.run.asgi import application
from madang.run.static import Static
from madang.run.threaded_django import ThreadedDjango

gate = threading.Event()


def echo(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(request.method + " " + request.body.decode())  # type: ignore[operator]
    response.set_cookie("seen", "yes")
    return response


def size(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.FILES["file"].size))  # type: ignore[union-attr]


def wait(request: HttpRequest) -> HttpResponse:
    gate.wait(10)
    return HttpResponse("waited")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        for number in range(1000):
            yield f"{number}\n"

    return StreamingHttpResponse(lines())


def fail(request: HttpRequest) -> HttpResponse:
    raise ValueError("broken")


urlpatterns = [
    path("echo", echo),
    path("size", size),
    path("wait", wait),
    path("stream", stream),
    path("fail", fail),
]


@pytest.fixture
def small() -> Iterator[Any]:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield ThreadedDjango(threads=2, longest_queue=1)


def client(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def test_bodies_and_cookies_pass(small: Any) -> None:
    async with client(small) as http:
        answer = await http.post("/echo", content="여보세요".encode())
    assert answer.text == "POST 여보세요"
    assert answer.cookies["seen"] == "yes"


async def test_a_stream_passes_in_order(small: Any) -> None:
    async with client(small) as http:
        answer = await http.get("/stream")
    assert answer.text.splitlines() == [str(number) for number in range(1000)]


async def test_an_error_is_a_page(small: Any) -> None:
    async with client(small) as http:
        assert (await http.get("/fail")).status_code == 500


async def test_too_many_at_once_are_told_to_come_again(small: Any) -> None:
    gate.clear()
    async with client(small) as http:
        waiting = [asyncio.create_task(http.get("/wait")) for _ in range(3)]
        await asyncio.sleep(0.2)
        refused = await http.get("/echo")
        gate.set()
        answers = await asyncio.gather(*waiting)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert [answer.text for answer in answers] == ["waited"] * 3


@pytest.fixture
def static(tmp_path: Path) -> Starlette:
    (tmp_path / "page-AbCd1234.js").write_text("long " * 100)
    (tmp_path / "page-AbCd1234.js.gz").write_bytes(gzip.compress(b"long " * 100))
    (tmp_path / "mark.svg").write_text("<svg/>")
    return Starlette(routes=[Mount("/static", Static(tmp_path))])


async def test_static_files_are_sent_compressed_and_kept(static: Starlette) -> None:
    async with client(static) as http:
        packed = await http.get("/static/page-AbCd1234.js")
        plain = await http.get("/static/page-AbCd1234.js", headers={"accept-encoding": "identity"})
        mark = await http.get("/static/mark.svg")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert packed.text == plain.text
    assert "content-encoding" not in plain.headers
    assert "immutable" in packed.headers["cache-control"]
    assert "immutable" not in mark.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/static/none.js", "/static/../secrets/django", "/static/%2e%2e/x"]
)
async def test_only_static_files_are_sent(static: Starlette, path: str) -> None:
    async with client(static) as http:
        assert (await http.get(path)).status_code == 404


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return application()


async def test_alive_and_ready(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "NATS_URL", "nats://127.0.0.1:9")
    async with client(app) as http:
        assert (await http.get("/healthz")).status_code == 200
        ready = await http.get("/readyz")
    assert ready.status_code == 503
    assert "refused" in ready.json()["parts"]["log"]


async def test_metrics_are_for_this_machine(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(app) as http:
        assert "madang_process_up" in (await http.get("/metrics")).text
        monkeypatch.setattr(settings, "METRICS_TOKEN", "word")
        assert (await http.get("/metrics")).status_code == 403
        with_token = {"authorization": "Bearer word"}
        assert (await http.get("/metrics", headers=with_token)).status_code == 200
    far = httpx.ASGITransport(app, client=("192.0.2.1", 1))
    monkeypatch.setattr(settings, "METRICS_TOKEN", None)
    async with httpx.AsyncClient(transport=far, base_url="http://localhost") as http:
        assert (await http.get("/metrics")).status_code == 403


async def test_a_stranger_sends_no_large_body(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 100_000

    monkeypatch.setattr(bodies, "signed_in", lambda key: key == "known")
    async with client(small) as http:
        declared = await http.post("/echo", content=b"x" * 3_000_000)
        streamed = await http.post("/echo", content=parts())
        invented = await http.post(
            "/echo", content=b"x" * 3_000_000, headers={"Cookie": "sessionid=invented"}
        )
    assert [one.status_code for one in (declared, streamed, invented)] == [413] * 3
    assert "Sign in" in declared.text
    assert taken < 40  # what came after was not waited for


async def test_whoever_signed_in_may_send_files_up_to_a_limit(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "signed_in", lambda key: key == "known")
    monkeypatch.setattr(settings, "LARGEST_UPLOAD", 4_000_000)
    mine = {"Cookie": "theme=dark; sessionid=known"}
    async with client(small) as http:
        fits = await http.post("/size", files={"file": b"x" * 3_000_000}, headers=mine)
        too_large = await http.post("/size", files={"file": b"x" * 5_000_000}, headers=mine)
    assert fits.text == "3000000"
    assert too_large.status_code == 413
