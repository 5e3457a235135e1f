"""Prometheus metrics: of every process of this machine, whichever web process is asked."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from madang.run import state

REQUESTS = Counter("madang_requests", "requests answered by Django", ["route", "method", "status"])
SECONDS = Histogram(
    "madang_request_seconds",
    "time from a request's last byte to its response's first",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSED = Counter("madang_requests_refused", "requests refused because too many were waiting")


class Processes(Collector):
    """The supervised processes, as the supervisor's state file and the kernel tell."""

    def collect(self) -> Iterator[Metric]:
        import psutil

        labels = ["process", "number"]
        up = GaugeMetricFamily("madang_process_up", "1 while it does its work", labels=labels)
        restarts = GaugeMetricFamily("madang_process_restarts", "since the start", labels=labels)
        memory = GaugeMetricFamily("madang_process_resident_bytes", "memory", labels=labels)
        cpu = GaugeMetricFamily("madang_process_cpu_seconds", "processor time", labels=labels)
        running = state.read(settings.HOME)
        for child in running.children if running else []:
            at = [child.name, str(child.number)]
            up.add_metric(at, child.state == "ready")
            restarts.add_metric(at, child.restarts)
            try:
                process = psutil.Process(child.pid)
                memory.add_metric(at, process.memory_info().rss)
                cpu.add_metric(at, sum(process.cpu_times()[:2]))
            except (psutil.NoSuchProcess, ValueError):
                continue
        yield from (up, restarts, memory, cpu)


def metrics(request: Request) -> Response:
    if not _may_read(request):
        return PlainTextResponse(
            "Only this machine may read the metrics, or whoever sends the setting metrics_token as "
            "a bearer token.\n",
            status_code=403,
        )
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Processes())
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _may_read(request: Request) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        said = request.headers.get("authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {token}".encode())
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


routes = [Route("/metrics", metrics)]
