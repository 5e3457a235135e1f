"""Setting up on a bare machine: steps are not repeated, and what is missing is named."""

import importlib.util
import os
import socket
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/setup.py, working in an empty folder."""
    spec = importlib.util.spec_from_file_location("setup_tool", ROOT / "tools" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMPS", tmp_path / ".venv" / "stamps")
    return module


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_text("one")
    return path


def test_a_step_is_done_again_only_when_its_files_change(setup: ModuleType, source: Path) -> None:
    done = []
    for content in ("one", "one", "two", "two"):
        source.write_text(content)
        setup.step("title", [source], lambda: done.append(source.read_text()))
    assert done == ["one", "two"]


def test_a_step_that_failed_is_done_again(setup: ModuleType, source: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        setup.step("title", [source], lambda: 1 / 0)
    done = []
    setup.step("title", [source], lambda: done.append(1))
    assert done


def test_starting_after_testing_leaves_the_packages_for_development(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = []
    monkeypatch.setattr(setup, "install", lambda lock: installed.append(lock.name))
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / lock).write_text(lock)
    for dev in (False, True, False, True):
        setup.install_packages(dev)
    assert installed == ["requirements.lock", "requirements-dev.lock"]


def test_an_old_python_is_refused(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit):
        setup.check_python()


def test_a_python_without_venv_is_explained(
    setup: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ensurepip is not available'; exit 1\n")
    python.chmod(0o755)
    setup.sys = type("Sys", (), {"executable": str(python), "stderr": sys.stderr})
    with pytest.raises(SystemExit):
        setup.make_venv()
    said = capsys.readouterr().err
    assert "apt-get install python3-venv" in said
    assert "ensurepip is not available" in said


def test_a_package_index_that_does_not_answer_is_explained(
    setup: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = [sys.executable, "-c", "import sys; print('timed out', file=sys.stderr); sys.exit(2)"]
    with pytest.raises(SystemExit):
        setup.fetch(failing, cwd=tmp_path)
    said = capsys.readouterr().err
    assert "timed out" in said
    assert "run the same command again to go on from there" in said


def test_a_package_index_that_stalls_is_explained(
    setup: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stalling:  # takes the question and never answers
        index = f"http://127.0.0.1:{stalling.getsockname()[1]}/simple"
        quick = {**os.environ, "UV_HTTP_TIMEOUT": "1", "UV_HTTP_RETRIES": "0"}
        words = [sys.executable, "-m", "uv", "pip", "install", "--target", tmp_path, "--no-cache"]
        with pytest.raises(SystemExit):
            setup.fetch([*words, "--default-index", index, "anything"], quick, tmp_path)
    assert "export UV_HTTP_TIMEOUT=300" in capsys.readouterr().err


def test_says_that_it_is_still_fetching(
    setup: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(setup, "STILL_AT_IT", 0.05)
    setup.fetch([sys.executable, "-c", "import time; time.sleep(0.5)"], cwd=tmp_path)
    assert "still fetching" in capsys.readouterr().out


def test_front_end_files_get_a_compressed_copy_where_it_pays(
    setup: ModuleType, tmp_path: Path
) -> None:
    for name in ("long.js", "picture.png"):
        (tmp_path / name).write_bytes(b"word " * 1000)
    (tmp_path / "short.js").write_bytes(b"word")
    setup.compress(tmp_path)
    assert [path.name for path in tmp_path.glob("*.gz")] == ["long.js.gz"]


@pytest.mark.parametrize(
    ("said", "enough"),
    [
        ("v18.20.4", False),
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
        ("not found", False),
    ],
)
def test_takes_a_node_that_can_build_the_front_end(
    setup: ModuleType, tmp_path: Path, said: str, enough: bool
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho '{said}'\n")
    node.chmod(0o755)
    assert setup.is_new_enough(setup.node_version(str(node))) is enough
