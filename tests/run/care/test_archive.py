"""A backup that was cut, changed or added to is refused, and says what is wrong with it."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.run.care import archive


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "log").mkdir(parents=True)
    (folder / "database.dump").write_bytes(b"rows" * 5000)
    (folder / "log" / "LOG_X.json").write_text("{}")
    archive.pack(folder, tmp_path / "a.backup", {"madang": "0"})
    return tmp_path / "a.backup"


def test_what_was_packed_comes_back(packed: Path, tmp_path: Path) -> None:
    manifest = archive.unpack(packed, tmp_path / "out")
    assert (tmp_path / "out" / "database.dump").read_bytes() == b"rows" * 5000
    assert manifest["madang"] == "0"
    assert packed.stat().st_mode & 0o777 == 0o600


def test_a_backup_never_overwrites_another(packed: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        archive.pack(tmp_path / "folder", packed, {})


def test_a_changed_byte_is_found(packed: Path, tmp_path: Path) -> None:
    data = packed.read_bytes()
    packed.write_bytes(data.replace(b"rowsrows", b"rowsrowz", 1))
    with pytest.raises(archive.ArchiveError, match=r"database\.dump"):
        archive.unpack(packed, tmp_path / "out")


@given(share=st.floats(0, 0.98))
@settings(max_examples=30, deadline=None)
def test_a_backup_cut_short_is_refused(
    share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tmp = tmp_path_factory.mktemp("cut")
    (tmp / "folder").mkdir()
    (tmp / "folder" / "database.dump").write_bytes(bytes(range(256)) * 100)
    archive.pack(tmp / "folder", tmp / "a.backup", {})
    whole = (tmp / "a.backup").read_bytes()
    end = whole.rindex(b'"parts"')
    (tmp / "a.backup").write_bytes(whole[: int(end * share)])
    with pytest.raises(archive.ArchiveError):
        archive.unpack(tmp / "a.backup", tmp / "out")


def test_a_file_smuggled_in_is_found(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "extra").write_text("x")
    with tarfile.open(packed, "a") as tar:
        tar.add(tmp_path / "extra", "home/secrets/django")
    with pytest.raises(archive.ArchiveError, match="home/secrets/django"):
        archive.unpack(packed, tmp_path / "out")


def test_an_entry_that_points_outside_is_refused(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "extra").write_text("x")
    with tarfile.open(packed, "a") as tar:
        tar.add(tmp_path / "extra", "../outside")
    with pytest.raises(archive.ArchiveError):
        archive.unpack(packed, tmp_path / "out")
    assert not (tmp_path / "outside").exists()
