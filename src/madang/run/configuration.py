"""`madang config`: what is set and from where, what may be set, and what is wrong with it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Iterator
from typing import Any

from madang.run import home as home_folder
from madang.run import settings
from madang.run.refusal import Refusal
from madang.run.settings import Settings, SettingsError, home

OLDEST_NATS = (2, 12)


def show() -> Iterator[str]:
    """Every setting, its value and where that comes from; passwords are left out."""
    chosen = settings.settings()
    yield f"home = {home()}"
    for name in Settings.model_fields:
        yield f"{name} = {_shown(name, getattr(chosen, name))}  ({settings.source(name)})"


def explain() -> Iterator[str]:
    """Every setting as a line of the TOML file, with its help; ready to be copied and changed."""
    yield f"# Settings of Madang, read from {settings.file()}."
    yield "# The environment goes before this file, and `madang -s NAME=VALUE …` before both."
    for name, field in Settings.model_fields.items():
        yield f"\n# {field.description}"
        yield f"# {_kind(field.annotation)}; in the environment: {settings.names_in_environment(name)[0]}"
        yield f"# {name} = {_toml(field.default)}"


def mistakes() -> list[str]:
    """Everything that would keep the platform from starting, a sentence each."""
    found = settings.unknown_variables()
    try:
        chosen = settings.settings()
    except SettingsError as error:
        return [*found, *str(error).splitlines()]
    for check in (_home, _address, _database, check_log):
        try:
            check(chosen)
        except Refusal as refusal:
            found.append(str(refusal))
    return found


def _shown(name: str, value: object) -> str:
    return "…" if value and name.endswith(("_secret", "_token")) else without_password(value)


def without_password(value: object) -> str:
    """A value as it may be shown."""
    return re.sub(r"(//[^:/@]*:)[^@/]*@", r"\1…@", str(value))


def _home(chosen: Settings) -> None:
    home_folder.check(home(), chosen.least_free_mb)


def _address(chosen: Settings) -> None:
    try:
        family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
        with contextlib.closing(socket.socket(family)) as probe:
            probe.bind((chosen.host, 0))
    except OSError as error:
        raise Refusal(
            f"host cannot be '{chosen.host}' (from {settings.source('host')}): this machine has no "
            "such address. Use 127.0.0.1 for this machine alone, 0.0.0.0 for the whole network."
        ) from error


def _database(chosen: Settings) -> None:
    if chosen.database_owner_url and not chosen.database_url:
        raise Refusal("database_owner_url is set without database_url; set both or neither.")
    for name in ("database_url", "database_owner_url"):
        url = getattr(chosen, name)
        if url:
            _connect(name, url)


def _connect(name: str, url: str) -> None:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise Refusal(f"{name} (from {settings.source(name)}) cannot be used: {reason}") from error
    if version < 150000:
        raise Refusal(f"{name} is PostgreSQL {version // 10000}; Madang needs 15 or newer.")


def check_log(chosen: Settings) -> None:
    """Raise Refusal when a NATS that is named does not serve as the log or the devices' door."""
    if bool(chosen.nats_devices_url) != bool(chosen.nats_system_url):
        raise Refusal("nats_devices_url and nats_system_url go together; set both or neither.")
    for name in ("nats_url", "nats_devices_url", "nats_system_url"):
        if url := getattr(chosen, name):
            _introduced(name, url)


def _introduced(name: str, url: str) -> None:
    from madang.ground.bus.connecting import AwayError, introduce

    try:
        server = asyncio.run(introduce(url))
    except AwayError as error:
        why = f"{name} (from {settings.source(name)}) cannot be used: {error}"
        raise Refusal(why) from error
    if server.version < OLDEST_NATS:
        found, wanted = (".".join(map(str, one)) for one in (server.version, OLDEST_NATS))
        raise Refusal(f"{name} is NATS {found}; Madang needs {wanted} or newer.")
    if not server.jetstream and name != "nats_system_url":
        raise Refusal(
            f"{name} has no JetStream for this user; switch it on in the server and for its account."
        )


def _kind(annotation: Any) -> str:
    words = str(annotation).replace("typing.", "")
    names = {
        "<class 'str'>": "text",
        "<class 'int'>": "whole number",
        "<class 'bool'>": "true or false",
    }
    if words.startswith("Literal"):
        return "one of " + words.removeprefix("Literal[").rstrip("]").replace("'", "")
    return names.get(words, "text")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value or ""}"' if isinstance(value, str) or value is None else str(value)
