"""Networks of a city: mended, packed into rows, unpacked into arrays."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

import msgspec

from madang.ground.city.public import Record
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.reach import findings
from madang.systems.traffic.engine.repair import Repair, repair
from madang.systems.traffic.models import StreetNetwork

FORM = b"madang network 1\n"
DIGITS = 12


@dataclass(frozen=True)
class Made:
    """A network with the mended draft it was built from and all that was mended."""

    network: Network
    draft: Draft
    repairs: list[Repair]


def make(draft: Draft, said: list[Repair] | None = None) -> Made:
    """Mend and build draft; said is what its source mended already."""
    mended, more = repair(draft)
    network = build(mended)
    return Made(network, mended, [*(said or []), *more, *findings(network)])


def record(made: Made, name: str, kind: StreetNetwork.Kind) -> Record:
    """The row of a network; the same content under the same name has the same key."""
    content = pack(made.draft)
    network = made.network
    values: dict[str, Any] = {
        "name": name,
        "kind": kind.value,
        "nodes": len(network.nodes),
        "edges": len(network.edges),
        "turns": len(network.turns),
        "signals": len(network.signals),
        "kilometres": round(float(network.edges.length.sum()) / 1000, 3),
        "repairs": [[each.kind, each.thing, each.figures] for each in made.repairs],
        "content": content,
    }
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    return Record(StreetNetwork, f"{name}@{digest}", values)


def pack(draft: Draft) -> bytes:
    return FORM + zlib.compress(msgspec.msgpack.encode(draft), 6)


def unpack(content: bytes) -> Draft:
    """The draft that was packed; ValueError where these bytes are of another form."""
    if not content.startswith(FORM):
        raise ValueError("a network of another form; import it again")
    return msgspec.msgpack.decode(zlib.decompress(content[len(FORM) :]), type=Draft)


def load(row: StreetNetwork) -> Network:
    """The arrays of a stored network."""
    return build(unpack(bytes(row.content)))
