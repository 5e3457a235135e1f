"""Renew the lock files from pyproject.toml: exact versions with hashes, and no registry's address.

Versions stay as they are where they may; `--upgrade` takes the newest ones.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--quiet",
]


def main() -> None:
    compile_lock("requirements.lock")
    compile_lock("requirements-dev.lock", "--group", "dev", "--constraint", "requirements.lock")


def compile_lock(target: str, *more: str) -> None:
    uv = ROOT / ".venv" / "bin" / "uv"
    subprocess.run(
        [uv, "pip", "compile", *OPTIONS, *sys.argv[1:], "pyproject.toml", *more, "-o", target],
        check=True,
        cwd=ROOT,
    )


if __name__ == "__main__":
    main()
