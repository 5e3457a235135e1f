"""NATS's keys and tokens, as far as an answer to its auth callout needs them.

Ed25519 keys are written in base32 with a prefix and a CRC-16 (XMODEM); a token is a JWT signed with
"alg": "ed25519-nkey". See NATS's ADR-14 (JWT) and ADR-26 (auth callout).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ACCOUNT_PREFIX = 0  # makes the text begin with A
HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}


class TokenError(ValueError):
    """Bytes that are not a token."""


class AccountKey:
    """A key that signs as an account. The same secret text always gives the same key."""

    def __init__(self, secret: str) -> None:
        seed = hashlib.sha256(b"madang nats account " + secret.encode()).digest()
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = _encoded(ACCOUNT_PREFIX, self._key.public_key().public_bytes_raw())

    def sign(self, claims: dict[str, Any]) -> str:
        """A token with these claims, issued by this account now."""
        body = {**claims, "iat": int(time.time()), "iss": self.public}
        digest = hashlib.sha256(msgspec.json.encode(body)).digest()
        body["jti"] = base64.b32encode(digest).decode().rstrip("=")
        signed = f"{_part(HEADER)}.{_part(body)}"
        return f"{signed}.{_url(self._key.sign(signed.encode()))}"


def claims_of(token: bytes) -> dict[str, Any]:
    """The claims of a token, whose signature is not looked at: it came on a trusted connection."""
    try:
        _, body, _ = token.split(b".")
        claims: dict[str, Any] = msgspec.json.decode(
            base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)), type=dict[str, Any]
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise TokenError(f"not a token of NATS: {error}") from error
    return claims


def _encoded(prefix: int, raw: bytes) -> str:
    data = bytes([prefix]) + raw
    data += binascii.crc_hqx(data, 0).to_bytes(2, "little")
    return base64.b32encode(data).decode().rstrip("=")


def _part(body: dict[str, Any]) -> str:
    return _url(msgspec.json.encode(body))


def _url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
