"""What `make lint` and `make test` run, one after the other, each with its time."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"

LINT = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "import contracts": ["lint-imports", "--cache-dir", "build/importlinter"],
    "types": ["mypy"],
    "translations": ["python", "tools/translations.py", "check"],
}
TESTS = {"tests": ["pytest"]}


def main() -> None:
    checks = LINT if "lint" in sys.argv[1:] else {**LINT, **TESTS}
    failed = [name for name, command in checks.items() if not passes(name, command)]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def passes(name: str, command: list[str]) -> bool:
    print(f"── {name}", flush=True)
    began = time.monotonic()
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, check=False)
    print(
        f"── {name}: {'ok' if done.returncode == 0 else 'FAILED'} "
        f"in {time.monotonic() - began:.0f} s\n",
        flush=True,
    )
    return done.returncode == 0


if __name__ == "__main__":
    main()
