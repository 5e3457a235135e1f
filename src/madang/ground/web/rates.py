"""How often one client may ask the API: a bucket that fills with time, for each client and its address.

Each web process counts for itself, so that asking costs no database; the limit of the installation is
that of a process times their number.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from hashlib import blake2b
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SECONDS_AT_ONCE = 20  # what was saved up: a map that opens asks for a hundred tiles in a moment
CLIENTS_OF_AN_ADDRESS = (
    8  # a city hall behind one address; cookies that are made up fill this one too
)
MOST_BUCKETS = 20_000
INGEST = "/ingest"  # devices: bounded by what the log takes, with an answer of their own


class Buckets:
    """Tokens by client, `rate` more a second up to `burst`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def wait(self, client: str, rate: float) -> float:
        """Take a token of client: 0, or the seconds until there is one."""
        now, burst = self._clock(), rate * SECONDS_AT_ONCE
        with self._lock:
            tokens, since = self._held.get(client, (burst, now))
            tokens = min(burst, tokens + (now - since) * rate)
            if tokens < 1:
                return (1 - tokens) / rate
            self._held[client] = (tokens - 1, now)
            if len(self._held) > MOST_BUCKETS:
                self._forget(now)
            return 0

    def _forget(self, now: float) -> None:
        """Buckets that would be full again by now need not be remembered; else the oldest go."""
        kept = {key: one for key, one in self._held.items() if now - one[1] < SECONDS_AT_ONCE}
        newest = sorted(kept.items(), key=lambda one: one[1][1])[-MOST_BUCKETS // 2 :]
        self._held = dict(newest)


class ApiRateMiddleware:
    """More than settings.API_RATE requests a second of one client are answered 429."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.buckets = Buckets()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wait = self._wait(request) if _counted(request.path) else 0
        if not wait:
            return self.get_response(request)
        refused = HttpResponse(status=429)
        refused["Retry-After"] = str(math.ceil(wait))
        return refused

    def _wait(self, request: HttpRequest) -> float:
        rate: float = settings.API_RATE
        if not rate:
            return 0
        address = str(request.META.get("REMOTE_ADDR"))
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        name = blake2b(f"{address} {session}".encode(), digest_size=16).hexdigest()
        mine = self.buckets.wait(name, rate)
        return mine or self.buckets.wait(address, rate * CLIENTS_OF_AN_ADDRESS)


def _counted(path: str) -> bool:
    return path.startswith("/api/v") and not path.endswith(INGEST)
