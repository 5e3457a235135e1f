"""How devices are, gathered from what is recorded and written down every few seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg

from madang.ground.bus.messages import Batch
from madang.ground.sensing.messages import Positions, Quarantined, Readings

WRITE_EVERY = 5.0
MERGE = """
INSERT INTO sensing_health AS h
    (device, heard, spoke, lon, lat, located, battery, battery_at, facts)
SELECT s.device, s.heard, s.spoke, s.lon, s.lat, s.located, s.battery, s.battery_at, s.facts
FROM unnest(%(device)s::int[], %(heard)s::timestamptz[], %(spoke)s::timestamptz[],
            %(lon)s::float8[], %(lat)s::float8[], %(located)s::timestamptz[],
            %(battery)s::float8[], %(battery_at)s::timestamptz[], %(facts)s::bigint[])
     AS s (device, heard, spoke, lon, lat, located, battery, battery_at, facts)
JOIN sensing_device d ON d.number = s.device
ORDER BY s.device
ON CONFLICT (device) DO UPDATE SET
    heard = greatest(h.heard, excluded.heard),
    spoke = greatest(h.spoke, excluded.spoke),
    lon = CASE WHEN excluded.located >= coalesce(h.located, '-infinity') THEN excluded.lon ELSE h.lon END,
    lat = CASE WHEN excluded.located >= coalesce(h.located, '-infinity') THEN excluded.lat ELSE h.lat END,
    located = greatest(h.located, excluded.located),
    battery = CASE WHEN excluded.battery_at >= coalesce(h.battery_at, '-infinity')
              THEN excluded.battery ELSE h.battery END,
    battery_at = greatest(h.battery_at, excluded.battery_at),
    facts = h.facts + excluded.facts
"""
BATTERIES = "SELECT number FROM sensing_channel WHERE key = 'battery'"


@dataclass
class Vital:
    """What is new of one device since its health was last written; times in ms since 1970 UTC."""

    heard: int = 0
    spoke: int = 0
    facts: int = 0
    located: int | None = None
    lon: float | None = None
    lat: float | None = None
    battery_at: int | None = None
    battery: float | None = None


@dataclass
class Vitals:
    """What is new of all devices. What dies unwritten is told by their next facts."""

    devices: dict[int, Vital] = field(default_factory=dict)
    batteries: frozenset[int] = frozenset()
    written: float = 0.0

    def add(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            if isinstance(batch, Quarantined) or not len(batch):
                continue
            self._add_times(batch)
            if isinstance(batch, Positions):
                self._add_places(batch)
            elif isinstance(batch, Readings) and self.batteries:
                self._add_batteries(batch)

    def due(self) -> bool:
        return bool(self.devices) and time.monotonic() - self.written > WRITE_EVERY

    def write(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """Write what is new, and forget it."""
        self.batteries = frozenset(row[0] for row in connection.execute(BATTERIES))
        rows = sorted(self.devices.items())
        columns: dict[str, list[Any]] = {
            name: [getattr(vital, name) for _, vital in rows] for name in vars(Vital())
        }
        for name in ("heard", "spoke", "located", "battery_at"):
            columns[name] = [_moment(value) for value in columns[name]]
        with connection.transaction():
            connection.execute(MERGE, {"device": [number for number, _ in rows], **columns})
        self.devices = {}
        self.written = time.monotonic()

    def _of(self, device: int) -> Vital:
        vital = self.devices.get(device)
        if vital is None:
            vital = self.devices[device] = Vital()
        return vital

    def _add_times(self, batch: Any) -> None:
        devices, place, counts = np.unique(batch.device, return_inverse=True, return_counts=True)
        newest = np.full(len(devices), np.iinfo(np.int64).min)
        np.maximum.at(newest, place, batch.time)
        for device, spoke, facts in zip(
            devices.tolist(), newest.tolist(), counts.tolist(), strict=True
        ):
            vital = self._of(device)
            vital.heard = max(vital.heard, batch.made)
            vital.spoke = max(vital.spoke, spoke)
            vital.facts += facts

    def _add_places(self, batch: Positions) -> None:
        for row in _newest(batch.device, batch.time).tolist():
            vital = self._of(int(batch.device[row]))
            at = int(batch.time[row])
            if vital.located is None or at >= vital.located:
                vital.located = at
                vital.lon, vital.lat = float(batch.lon[row]), float(batch.lat[row])

    def _add_batteries(self, batch: Readings) -> None:
        own = batch.take(np.isin(batch.channel, list(self.batteries)))
        for row in _newest(own.device, own.time).tolist():
            vital = self._of(int(own.device[row]))
            at = int(own.time[row])
            if vital.battery_at is None or at >= vital.battery_at:
                vital.battery_at, vital.battery = at, float(own.value[row])


def _newest(device: Any, at: Any) -> Any:
    """The row of each device's newest fact."""
    order = np.lexsort((at, device))
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = device[order][1:] != device[order][:-1]
    return order[last]


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else f"{np.datetime64(milliseconds, 'ms')}Z"
