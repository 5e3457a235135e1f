"""Passwords of cameras at rest: AES-256-GCM, bound to the camera they belong to.

The key is a secret of the installation (secrets/cameras in its home), not in the database: a dump
alone opens no camera, and a sealed password moved to another camera's row cannot be opened there.
"""

from __future__ import annotations

import hashlib
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from madang.systems.cameras.errors import CameraError

NONCE = 12  # bytes


def seal(camera: UUID, password: str) -> bytes:
    """password as it may be stored for camera; empty stays empty."""
    if not password:
        return b""
    nonce = os.urandom(NONCE)
    return nonce + _cipher().encrypt(nonce, password.encode(), camera.bytes)


def unseal(camera: UUID, sealed: bytes) -> str:
    """The password; CameraError where the installation's key is another one than it was sealed with."""
    if not sealed:
        return ""
    try:
        return _cipher().decrypt(sealed[:NONCE], sealed[NONCE:], camera.bytes).decode()
    except InvalidTag:
        raise CameraError(
            _("The camera's password cannot be opened with this server's key. Enter it again."),
            kind="sealed",
        ) from None


def _cipher() -> AESGCM:
    return AESGCM(hashlib.sha256(settings.CAMERAS_SECRET.encode()).digest())
