"""How NATS deals the messages of devices into lanes: by city and device, so that each keeps to one."""

from __future__ import annotations

LANES = 4
ROOT = "m"  # the first level of every topic of a device
MAPPINGS = {
    f"{ROOT}.*.*.*": (
        f"{ROOT}.{{{{partition({LANES},1,2)}}}}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}.{{{{wildcard(3)}}}}"
    )
}
"""NATS's configuration for the account of devices: m.suwon.bus-1.positions to m.3.suwon.bus-1.positions."""


def lane_of(city: str, device: str) -> int:
    """The lane NATS deals the device into: FNV-1a of both names, as its partition() computes it."""
    value = 2166136261
    for byte in (city + device).encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value % LANES
