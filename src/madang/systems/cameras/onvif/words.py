"""What devices write, as it may be kept: texts without control characters, addresses that we reach."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from madang.systems.cameras.onvif.talk import Device, words

UNPRINTED = re.compile(r"[\x00-\x1f\x7f]+")


def said(element: Any, path: str, longest: int = 100) -> str:
    """The text there as it may be kept."""
    return UNPRINTED.sub(" ", words(element, path)).strip()[:longest]


def reachable(address: str, device: Device) -> str:
    """The address of a stream without name and password, by the host that we reach the device by where
    it calls itself something else; "" where it is none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("rtsp", "rtsps"):
        return ""
    ours = urlsplit(device.address).hostname or ""
    if not host or host == "0.0.0.0" or host in device.hosts:  # noqa: S104 (what a device says)
        host = ours
    shown = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{shown}:{port}" if port else shown).geturl()


def moment(text: str) -> datetime | None:
    """xs:dateTime; one without a zone is UTC, as ONVIF has it."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
