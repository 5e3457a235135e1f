"""`madang up`: the whole platform from one command, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import time
from ipaddress import ip_address
from pathlib import Path
from unicodedata import east_asian_width

from madang.run import home as home_folder
from madang.run import state
from madang.run.holding import HeldError, hold
from madang.run.nats import ports
from madang.run.one import METRICS, prepare_metrics
from madang.run.preparation import accounts_file
from madang.run.settings import Settings
from madang.run.sockets import open_web_socket
from madang.run.state import State
from madang.run.supervisor import Supervisor
from madang.run.web import SOCKET


def say(text: str) -> None:
    """One line on the terminal; a terminal that is gone must not stop the platform."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def up(home: Path, settings: Settings) -> None:
    """Start the platform in home and stay with it. Says where it is when it runs there already."""
    began = time.monotonic()
    home_folder.check(home, settings.least_free_mb)
    try:
        lock = hold(home, "up", say)
    except HeldError as held:
        return say(_already(home, held))
    listener = open_web_socket(settings.host, settings.port)
    port = listener.getsockname()[1]
    if port != settings.port:
        say(f"  port {settings.port} is taken; taking {port}")
    os.set_inheritable(listener.fileno(), True)
    os.environ[SOCKET] = str(listener.fileno())
    os.environ["MADANG_HOME"] = str(home)
    _empty_metrics(home)
    address = settings.public_url or f"http://{_name(settings.host)}:{port}"
    run = State(os.getpid(), address, f"{_reachable(settings.host)}:{port}", time.time())
    supervisor = Supervisor(home, settings, run, (lock, listener.fileno()), say)
    say(f"Madang starts; what it keeps is in {home}")
    asyncio.run(supervisor.run(lambda: _welcome(home, settings, address, began)))
    say("Madang has stopped. Start it again with: make up")
    return None


def _empty_metrics(home: Path) -> None:
    os.environ.pop(METRICS, None)
    shutil.rmtree(home / "run" / "metrics", ignore_errors=True)
    prepare_metrics(home)


def _name(host: str) -> str:
    """What to call this machine in an address; a passkey needs a name, not a number."""
    try:
        number = ip_address(host)
    except ValueError:
        return host
    if number.is_loopback:
        return "localhost"
    return socket.getfqdn() if number.is_unspecified else host


def _reachable(host: str) -> str:
    """The number by which this machine itself reaches a server that listens on host."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return loopback.get(host, f"[{host}]" if ":" in host else host)


def _already(home: Path, held: HeldError) -> str:
    running = state.read(home)
    where = f" at {running.url}" if running else ""
    return (
        f"Madang already runs in {home}{where} (process {held.holder.pid}). "
        "Stop it with Ctrl-C there or with: .venv/bin/madang stop"
    )


def _welcome(home: Path, settings: Settings, address: str, began: float) -> None:
    say(f"\nMadang is up after {time.monotonic() - began:.1f} s: {address}")
    if not settings.nats_devices_url:
        say(f"Devices reach it by MQTT at 127.0.0.1:{ports(home).mqtt}")
    if settings.demo and accounts_file(home).exists():
        say("\nTo try it, sign in as one of these people of the demo city:")
        for account in json.loads(accounts_file(home).read_text()):
            say(f"  {_padded(account['title'], 24)}{account['email']:<34}{account['password']}")
    say("\nCtrl-C stops it.\n")


def _padded(text: str, columns: int) -> str:
    """Text and spaces up to so many columns of a terminal, where Hangul takes two."""
    taken = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(1, columns - taken)
