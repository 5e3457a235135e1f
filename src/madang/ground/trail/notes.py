"""Signed heads, in the form of a C2SP checkpoint: a signed note that public tools can check.

    <origin>\\n<size>\\n<root, base64>\\ntime <ISO 8601>\\n\\n— <origin> <base64(key id ‖ signature)>\\n

A provider signs: Ed25519 and ECDSA P-256 are here; a city's certified module (KCMVP) is one more class
with the same three members. The key's public form (`vkey`) is `<origin>+<key id>+<base64(type ‖ key)>`.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

ED25519, ECDSA = 0x01, 0x02
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class NoteError(ValueError):
    """A head cannot be read or its signature does not hold; the message says which."""


class Signer(Protocol):
    """A signature provider."""

    kind: int

    def public_key(self) -> bytes:
        """Raw 32 bytes for Ed25519, SubjectPublicKeyInfo DER for others."""

    def sign(self, message: bytes) -> bytes: ...


class Ed25519Signer:
    """Ed25519 (RFC 8032), its private key derived from a secret of the installation."""

    kind = ED25519

    def __init__(self, secret: str) -> None:
        seed = sha256(b"madang trail ed25519\n" + secret.encode()).digest()
        self._key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)

    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


class EcdsaSigner:
    """ECDSA over P-256 with SHA-256 (FIPS 186-5)."""

    kind = ECDSA

    def __init__(self, secret: str) -> None:
        wide = b"".join(
            sha256(b"madang trail ecdsa %d\n" % part + secret.encode()).digest() for part in (1, 2)
        )
        number = int.from_bytes(wide, "big") % (P256_ORDER - 1) + 1
        self._key = ec.derive_private_key(number, ec.SECP256R1())

    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))


PROVIDERS: dict[str, type[Ed25519Signer | EcdsaSigner]] = {
    "ed25519": Ed25519Signer,
    "ecdsa-p256": EcdsaSigner,
}


@dataclass(frozen=True)
class Key:
    """A public key heads are checked with, and whose it is."""

    origin: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Its first four bytes of a hash, as the signed-note format names keys."""
        if self.kind == ECDSA:
            return sha256(self.public).digest()[:4]
        return sha256(self.origin.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        packed = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.origin}+{self.id.hex()}+{packed}"

    @classmethod
    def parse(cls, vkey: str) -> Key:
        try:
            origin, key_id, packed = vkey.strip().split("+", 2)
            raw = base64.b64decode(packed, validate=True)
        except (ValueError, binascii.Error) as error:
            raise NoteError("This is not a key: it should read origin+key id+base64.") from error
        key = cls(origin, raw[0] if raw else 0, raw[1:])
        if key.kind not in (ED25519, ECDSA) or key.id.hex() != key_id:
            raise NoteError("This key is damaged: its id does not fit it.")
        return key

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether signature over message was made with this key."""
        try:
            if self.kind == ED25519:
                ed25519.Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                public = load_der_public_key(self.public)
                assert isinstance(public, ec.EllipticCurvePublicKey)
                public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


def key_of(origin: str, signer: Signer) -> Key:
    return Key(origin, signer.kind, signer.public_key())


@dataclass(frozen=True)
class Head:
    """What a signed head says: the trail's name, how many entries, their root, and when."""

    origin: str
    size: int
    root: bytes
    time: datetime

    def text(self) -> bytes:
        root = base64.b64encode(self.root).decode()
        time = self.time.astimezone(UTC).isoformat(timespec="milliseconds")
        return f"{self.origin}\n{self.size}\n{root}\ntime {time}\n".encode()


def sign(head: Head, signer: Signer) -> str:
    """The signed note of head."""
    text = head.text()
    packed = base64.b64encode(key_of(head.origin, signer).id + signer.sign(text)).decode()
    return f"{text.decode()}\n— {head.origin} {packed}\n"


def open_note(note: str, keys: list[Key]) -> Head:
    """The head in note, once one of keys is found to have signed it; NoteError otherwise."""
    text, head = read_note(note)
    for line in note.rpartition("\n\n")[2].splitlines():
        name, signature = _signature(line)
        for key in keys:
            if key.origin == name == head.origin and signature[:4] == key.id:
                if key.holds(text, signature[4:]):
                    return head
                raise NoteError(f"The signature of the head of size {head.size} is false.")
    raise NoteError(f"The head of size {head.size} is not signed with a key that you gave.")


def read_note(note: str) -> tuple[bytes, Head]:
    """The signed text of note and what it says, its signature unchecked."""
    body, gap, _ = note.rpartition("\n\n")
    lines = body.split("\n")
    try:
        if not gap:
            raise ValueError(note)
        origin, size, root = lines[:3]
        times = [line.removeprefix("time ") for line in lines[3:] if line.startswith("time ")]
        time = datetime.fromisoformat(times[0]) if times else datetime.fromtimestamp(0, UTC)
        head = Head(origin, int(size), base64.b64decode(root, validate=True), time)
    except (ValueError, binascii.Error) as error:
        raise NoteError("This is not a signed head: origin, size, root and signature.") from error
    return (body + "\n").encode(), head


def _signature(line: str) -> tuple[str, bytes]:
    try:
        dash, name, packed = line.split(" ")
        if dash != "—":
            raise ValueError(line)
        return name, base64.b64decode(packed, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteError("A signature line of this head is damaged.") from error
