"""Log files: whole lines, begun anew past a limit, errors shown."""

from pathlib import Path

from madang.run.journal import Journal, sentence


def test_begins_anew_past_its_limit_and_keeps_some(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "web.log", limit=100, kept=2)
    for n in range(40):
        journal.write(b"line %02d\n" % n)
    journal.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["web.log", "web.log.1", "web.log.2"]
    text = "".join((tmp_path / name).read_text() for name in reversed(files))
    lines = text.splitlines()
    assert lines == [f"line {n:02d}" for n in range(40 - len(lines), 40)]
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())


def test_joins_a_line_that_comes_in_parts(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log")
    for part in (b"one l", b"ine\nand", b" another"):
        journal.write(part)
    journal.close()
    assert (tmp_path / "log").read_text() == "one line\nand another\n"


def test_shows_errors_and_only_errors(tmp_path: Path) -> None:
    shown: list[str] = []
    journal = Journal(tmp_path / "log", show=shown.append)
    journal.write(b'{"level": "info", "event": "fine"}\n{"level": "error", "event": "broken"}\n')
    assert shown == ["broken"]


def test_shows_the_same_error_once_a_minute(tmp_path: Path) -> None:
    shown: list[str] = []
    journal = Journal(tmp_path / "log", show=shown.append)
    for event in ("broken", "broken", "also broken", "broken"):
        journal.write(b'{"level": "error", "event": "%s"}\n' % event.encode())
    assert shown == ["broken", "also broken"]


def test_a_line_is_shortened_to_what_a_person_needs() -> None:
    error = '{"level": "error", "event": "failed", "exception": "Traceback\\n  File\\nOSError: no"}'
    assert sentence(error) == "failed: OSError: no"
    assert sentence("  plain words ") == "plain words"


def test_a_full_disk_does_not_stop_it() -> None:
    journal = Journal(Path("/dev/full"))
    journal.write(b"a line\n")
    assert journal.last[-1] == "a line"
