"""What travels on the log: typed, versioned messages.

A message is a class:

    class Positions(Batch, tag="positions"):
        device: Int32
        time: Int64

Its tag is its kind: one kind, one class, one subject, for ever. Fields may be added with a default
without a new version, since readers skip what they do not know and fill in what is missing. Any other
change raises `VERSION` and adds to `UPGRADES` how a message of the version before becomes one of this
version; `decode` then accepts both. Samples of every version ever written are kept as fixtures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from madang.ground.bus.columns import Words, from_wire, to_wire
from madang.ground.ids import new_id

Body = dict[str, Any]


class MessageError(Exception):
    """Bytes on the log that this code cannot read; the message says which and why."""


def new_message_id() -> str:
    return str(new_id())


def now_ms() -> int:
    """Now, in milliseconds since 1970 UTC: the unit of every time on the log."""
    return time.time_ns() // 1_000_000


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The head every message has.

    id names it for ever: the log takes one id once, a store writes it once. city is the city's key,
    source the process or system that says it, made when it was said (ms since 1970 UTC), version the
    version of its kind's form.
    """

    VERSION: ClassVar[int] = 1
    UPGRADES: ClassVar[Mapping[int, Callable[[Body], Body]]] = {}

    city: str
    source: str
    id: str = msgspec.field(default_factory=new_message_id)
    made: int = msgspec.field(default_factory=now_ms)
    version: int = 0

    def __post_init__(self) -> None:
        if self.version == 0:
            msgspec.structs.force_setattr(self, "version", self.VERSION)

    @classmethod
    def kind(cls) -> str:
        return str(cls.__struct_config__.tag)


class Batch(Message, frozen=True, kw_only=True):
    """A message of columns: each the same length, one row a fact."""

    def __post_init__(self) -> None:
        Message.__post_init__(self)
        lengths = {name: len(getattr(self, name)) for name in self.columns()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of {self.kind()} differ in length: {lengths}")

    def __len__(self) -> int:
        return len(getattr(self, self.columns()[0]))

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The names of the columns, in the order of their declaration."""
        return _columns(cls)

    def take(self, rows: NDArray[Any]) -> Self:
        """The chosen rows (a mask or indices), under the same head."""
        chosen = {
            name: column.take(rows) if isinstance(column, Words) else column[rows]
            for name in self.columns()
            for column in (getattr(self, name),)
        }
        return msgspec.structs.replace(self, **chosen)


_column_names: dict[type[Batch], tuple[str, ...]] = {}


def _columns(cls: type[Batch]) -> tuple[str, ...]:
    if cls not in _column_names:
        hints = get_type_hints(cls)
        _column_names[cls] = tuple(
            field.name
            for field in msgspec.structs.fields(cls)
            if hints[field.name] is Words or _is_array(hints[field.name])
        )
    return _column_names[cls]


def _is_array(hint: Any) -> bool:
    return getattr(hint, "__origin__", None) is np.ndarray


_encoder = msgspec.msgpack.Encoder(enc_hook=to_wire)


def encode(message: Message) -> bytes:
    """The bytes of message on the log."""
    return _encoder.encode(message)


class _Head(msgspec.Struct, frozen=True):
    kind: str
    version: int


_head = msgspec.msgpack.Decoder(_Head)


class Reader:
    """Decodes messages of the kinds it was given, in their version or the ones before."""

    def __init__(self, *classes: type[Message]) -> None:
        self._classes = {cls.kind(): cls for cls in classes}
        self._decoders = {
            cls.kind(): msgspec.msgpack.Decoder(cls, dec_hook=from_wire) for cls in classes
        }

    def decode(self, data: bytes) -> Message:
        """The message in data; MessageError when it is damaged, of another kind, or too new."""
        try:
            head = _head.decode(data)
            cls = self._classes.get(head.kind)
            if cls is None:
                raise MessageError(f"a message of kind '{head.kind}' where none is expected")
            if head.version == cls.VERSION:
                return self._decoders[head.kind].decode(data)
            return _upgraded(cls, head.version, data)
        except (msgspec.MsgspecError, ValueError) as error:
            raise MessageError(f"a message that cannot be read: {error}") from error


def _upgraded(cls: type[Message], version: int, data: bytes) -> Message:
    body: Body = msgspec.msgpack.decode(data)
    while version != cls.VERSION:
        upgrade = cls.UPGRADES.get(version)
        if upgrade is None:
            raise MessageError(
                f"a message of kind '{cls.kind()}' in version {version}; this code reads up to "
                f"version {cls.VERSION}. Bring every process to the same version of Madang."
            )
        body = upgrade(body)
        version += 1
        body["version"] = version
    return msgspec.convert(body, cls, dec_hook=from_wire)
