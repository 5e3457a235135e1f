"""The audit: a weakness is named, no answer is no clean bill."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

# As pip-audit 2 and npm 10 answer; the fields that are not read are left out.
PIP_AUDIT = {
    "dependencies": [
        {"name": "django", "version": "5.2.0", "vulns": []},
        {
            "name": "jinja2",
            "version": "2.4.1",
            "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]}],
        },
        {"name": "ours", "skip_reason": "it is not on the index"},
    ],
    "fixes": [],
}
NPM_AUDIT = {"vulnerabilities": {"vite": {"severity": "high", "range": "<6.4.2"}}}


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_tool", ROOT / "tools" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit_tool"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def saying(words: object) -> list[str]:
    return [sys.executable, "-c", f"print({json.dumps(json.dumps(words))})"]


def test_a_known_weakness_is_named_with_what_mends_it(audit: ModuleType, tmp_path: Path) -> None:
    found = audit.answered("Python", 3, saying(PIP_AUDIT), tmp_path, audit._of_pip_audit)
    assert found.lines() == [
        "Python: 1 known weaknesses in 2 of 3 packages",
        "  jinja2 2.4.1: PYSEC-2019-217, mended in 2.10.1",
        "  no answer about 1 packages: it is not on the index",
    ]
    found = audit.answered("Front end", 9, saying(NPM_AUDIT), tmp_path, audit._of_npm_audit)
    assert found.lines()[1:] == ["  vite: high, versions <6.4.2"]


@pytest.mark.parametrize(
    "command",
    [
        saying({"message": "request to the registry failed"}),
        [sys.executable, "-c", "raise SystemExit('the connection was refused')"],
    ],
)
def test_no_answer_is_no_clean_bill(
    audit: ModuleType, tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = audit.answered("Front end", 9, command, tmp_path, audit._of_npm_audit)
    assert found.unanswered == 9
    assert "NOTHING IS KNOWN" in found.lines()[0]
    monkeypatch.setattr(audit, "OUT", tmp_path)
    for name in ("parts_of_python", "parts_of_front_end"):
        monkeypatch.setattr(audit, name, lambda: None)
    for name in ("python", "front_end"):
        monkeypatch.setattr(audit, name, lambda: found)
    with pytest.raises(SystemExit, match="not a clean bill"):
        audit.main()
