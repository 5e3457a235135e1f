"""What a package says of itself, signed, and how anybody checks it without us.

A package holds manifest.json, manifest.sig and the files that the manifest names with their SHA-256.
manifest.sig is two lines: `key ORIGIN+ID+BASE64` and `signature BASE64`, Ed25519 over
"madang export\\n" and the bytes of manifest.json.
"""

from __future__ import annotations

import base64
import binascii
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any, Protocol

from madang.ground.trail.notes import Ed25519Signer, Key, NoteError, key_of
from madang.systems.cameras.giving import archive

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
FORMAT = "madang-export/1"
DOMAIN = b"madang export\n"
LARGEST = 4 << 20  # bytes of a manifest


# What reading a damaged package raises, somewhere within: one bit may also call a plain file deflated,
# compressed in another way, or encrypted (RuntimeError).
DAMAGE = (
    ValueError,
    LookupError,
    TypeError,
    RuntimeError,
    EOFError,
    OSError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)


class ExportError(ValueError):
    """A package is not what it was when it was made; the message says what is wrong."""


def public_key(origin: str, secret: str) -> str:
    """The key that packages are checked with."""
    return key_of(origin, Ed25519Signer(secret)).vkey


def sign(manifest: bytes, origin: str, secret: str) -> bytes:
    """manifest.sig of manifest."""
    signer = Ed25519Signer(secret)
    signature = base64.b64encode(signer.sign(DOMAIN + manifest)).decode()
    return f"key {key_of(origin, signer).vkey}\nsignature {signature}\n".encode()


class Package(Protocol):
    """A package as a folder or as a zip file."""

    def names(self) -> list[str]: ...
    def open(self, name: str) -> IO[bytes]: ...


@dataclass(frozen=True)
class Folder:
    path: Path

    def names(self) -> list[str]:
        found = (one for one in self.path.rglob("*") if one.is_file() or one.is_symlink())
        return [one.relative_to(self.path).as_posix() for one in found]

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")


@dataclass(frozen=True)
class Zip:
    file: zipfile.ZipFile

    def names(self) -> list[str]:
        return [one for one in self.file.namelist() if not one.endswith("/")]

    def open(self, name: str) -> IO[bytes]:
        return self.file.open(name)


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The package at path; ExportError where there is none."""
    if path.is_dir():
        yield Folder(path)
        return
    try:
        with zipfile.ZipFile(path) as file:
            yield Zip(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise ExportError(f"{path} is no package: {error}") from error


@dataclass(frozen=True)
class Verified:
    """A package that holds: what its manifest says, and the key that signed it."""

    manifest: dict[str, Any]
    key: Key


def verify(path: Path, trusted: str = "") -> Verified:
    """Check every byte of the package at path. trusted: the city's key, where it is known from elsewhere.

    ExportError says what does not hold.
    """
    try:
        with opened(path) as package:
            found = _verified(package, trusted)
        if not path.is_dir() and not archive.is_whole(path):
            raise ExportError("the zip file is not as it was made, though its files are")
    except (zipfile.BadZipFile, *DAMAGE) as error:
        if isinstance(error, ExportError):
            raise
        raise ExportError(f"it cannot be read whole: {error}") from error
    return found


def _verified(package: Package, trusted: str) -> Verified:
    names = package.names()
    if len(set(names)) != len(names):
        raise ExportError("it has two files of one name")
    for name in (MANIFEST, SIGNATURE):
        if name not in names:
            raise ExportError(f"{name} is missing")
    raw, signature = _small(package, MANIFEST), _small(package, SIGNATURE)
    key = _signed(raw, signature)
    if trusted and key.vkey != trusted.strip():
        raise ExportError(f"it was signed with another key than yours: {key.vkey}")
    manifest = _read(raw)
    listed = {str(one["name"]): one for one in manifest["files"]}
    for name in listed.keys() ^ (set(names) - {MANIFEST, SIGNATURE}):
        why = "is missing" if name in listed else "is not in the manifest"
        raise ExportError(f"{name} {why}")
    for name, file in listed.items():
        _check(package, name, file)
    return Verified(manifest, key)


def _small(package: Package, name: str) -> bytes:
    with package.open(name) as file:
        found = file.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise ExportError(f"{name} is too large")
    return found


def _signed(manifest: bytes, signature: bytes) -> Key:
    """The key that signed manifest."""
    try:
        first, second = signature.decode().splitlines()
        key = Key.parse(first.removeprefix("key "))
        raw = base64.b64decode(second.removeprefix("signature "), validate=True)
    except (ValueError, NoteError, binascii.Error) as error:
        raise ExportError(f"{SIGNATURE} is damaged: {error}") from error
    if not key.holds(DOMAIN + manifest, raw):
        raise ExportError(f"{MANIFEST} is not as it was signed")
    return key


def _read(raw: bytes) -> dict[str, Any]:
    manifest = json.loads(raw)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ExportError(f"{MANIFEST} is of another format than {FORMAT}")
    return manifest


def _check(package: Package, name: str, file: dict[str, Any]) -> None:
    with package.open(name) as opened_file:
        digest = file_digest(opened_file, "sha256").hexdigest()  # type: ignore[arg-type]
    if digest != file["sha256"]:
        raise ExportError(f"{name} is not as it was when it was packed")
