"""Keys and passwords of an installation: made on first use, one 0600 file each."""

from __future__ import annotations

import contextlib
import os
import secrets as random
from pathlib import Path


def secret(home: Path, name: str) -> str:
    """The secret called name, made when there is none; two processes asking at once get one value."""
    path = home / "secrets" / name
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{name}.{os.getpid()}.{random.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(random.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    return path.read_text()
