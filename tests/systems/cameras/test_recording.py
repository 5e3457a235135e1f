"""What a camera sends into files: cut at key frames, indexed once whole, salvaged, ended by term and room."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras import queries
from madang.systems.cameras.domain import footage
from madang.systems.cameras.domain.devices import CameraSpec, change_camera, record_cameras
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.fragments import TIMESCALE, fragment
from madang.systems.cameras.messages import Piece
from madang.systems.cameras.models import Camera, Destruction, Ended, Gap, Recording, Segment
from madang.systems.cameras.recording import store
from madang.systems.cameras.recording.boxes import read
from madang.systems.cameras.recording.keeper import Keeper
from madang.systems.cameras.recording.salvage import left_behind
from madang.systems.cameras.recording.track import Closed, Track
from systems.cameras.test_pictures import sent

ACTOR = Actor(name="test")
STEP = TIMESCALE // 10
BEGAN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class Tape:
    """A track on a clock of its own, and the files that it handed over."""

    def __init__(self, folder: Path, seconds: float = 2) -> None:
        self.files: list[Closed] = []
        self.now = BEGAN.timestamp()
        self.room = True
        self.track = Track(
            UUID(hex=folder.name),
            folder,
            self.files.append,
            seconds=seconds,
            has_room=lambda: self.room,
            clock=lambda: self.now,
        )

    def show(
        self, count: int, source: int = 1, first: int = 0, every: int = 10, size: int = 50
    ) -> None:
        """count pictures ten a second, every tenth a key frame, from the stream's own time first on."""
        for number in range(count):
            time, key = first + number * STEP, number % every == 0
            data = fragment(number, time, STEP, [bytes(size)], key=key, offset=0)
            words: Any = {"mime": "video/mp4", "init": b"init"} if key else {}
            self.track.take(Piece(source, key, data=data, **words))
            self.now += 0.1

    def close(self) -> None:
        for one in self.files:
            one.file.close()


@pytest.fixture
def tape(tmp_path: Path) -> Iterator[Tape]:
    made = Tape(tmp_path / uuid4().hex)
    yield made
    made.close()


def seconds(one: Closed) -> tuple[float, float]:
    return (one.begins - BEGAN).total_seconds(), (one.ends - BEGAN).total_seconds()


def test_files_are_cut_at_key_frames_and_one_begins_where_the_one_before_ends(tape: Tape) -> None:
    tape.show(45)
    assert tape.track.state == Recording.ON
    tape.track.end()
    assert [seconds(one) for one in tape.files] == [(0, 2), (2, 4), (4, 4.5)]
    assert [one.frames for one in tape.files] == [20, 20, 5]
    assert [one.keys[0] for one in tape.files] == [(0, 4)] * 3
    assert [at for at, _offset in tape.files[0].keys] == [0, 1000]
    assert [one.gap for one in tape.files] == [Gap.BEGAN, Gap.NONE, Gap.NONE]
    assert all(one.draft.stat().st_size == one.bytes for one in tape.files)


def test_a_hole_has_its_reason(tape: Tape) -> None:
    tape.show(15)
    tape.track.take(Piece(1, why="connection refused"))
    tape.track.take(Piece(1, why="timed out"))
    assert tape.track.state == Recording.WAITING
    tape.now += 60
    tape.show(15, source=2)
    tape.show(5, source=2, first=15 * STEP + 5 * TIMESCALE)  # it stood still for five seconds
    tape.show(5, source=3)  # it sends another picture
    tape.track.end()
    told = [(one.gap, one.words) for one in tape.files]
    assert told == [
        (Gap.BEGAN, ""),
        (Gap.CAMERA, "timed out"),
        (Gap.STALLED, ""),
        (Gap.CHANGED, ""),
    ]
    assert seconds(tape.files[0]) == (0, 1.5)
    assert seconds(tape.files[1])[0] == pytest.approx(61.5)


def test_a_full_disk_keeps_what_was_whole_and_says_so(
    tape: Tape, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape.show(12)
    draft = tape.track._draft
    assert draft is not None

    def full(file: int, parts: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "writev", full)
        tape.show(10, first=12 * STEP)
    assert tape.track.state == Recording.FULL
    (kept,) = tape.files
    assert seconds(kept) == (0, 1)
    assert kept.frames == 10
    tape.room = False
    tape.show(10, source=2)
    assert tape.track.state == Recording.FULL
    tape.room = True
    tape.show(10, source=3)
    tape.track.end()
    assert (tape.files[-1].gap, tape.track.state) == (Gap.DISK, Recording.OFF)


@settings_of(max_examples=30)
@given(cut=st.integers(0, 4000))
def test_whatever_is_cut_off_a_file_its_rest_is_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    """A process that is killed leaves a draft behind that ends anywhere."""
    folder = tmp_path_factory.mktemp("footage")
    tape = Tape(folder / uuid4().hex, seconds=60)
    for piece in sent():
        tape.track.take(piece)
    draft = tape.track._draft
    assert draft is not None
    draft.flush()
    os.truncate(draft.path, min(cut * draft.size // 4000, draft.size))
    assert list(left_behind(folder)) == []  # it is being written
    draft.file.close()
    (found,) = left_behind(folder)
    if isinstance(found, Path):
        assert not found.exists()
        return
    with found.file, av.open(str(found.draft)) as played:
        assert len(list(played.decode(video=0))) == found.frames
    assert found.camera == tape.track.camera
    assert found.begins == BEGAN
    assert found.gap == Gap.BEGAN
    assert found.salvaged


@pytest.fixture
def camera(city: City, settings: Any, tmp_path: Path) -> Camera:
    settings.FOOTAGE_FOLDER = tmp_path / "footage"
    settings.FOOTAGE_MOST, settings.FOOTAGE_LEAST_FREE, settings.FOOTAGE_SECONDS = 0, 0, 1
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    spec = CameraSpec(site, 1, main_address="rtsp://10.0.0.1/a", records=True, kept_days=3)
    record_cameras(city, [spec], ACTOR)
    return Camera.objects.select_related("site").get()


def recorded_at(camera: Camera, *days: float) -> list[Segment]:
    """A short file in the index for each of so many days ago."""
    for ago in days:
        tape = Tape(store.of_camera(camera.pk), seconds=60)
        tape.now = (datetime.now(UTC) - timedelta(days=ago)).timestamp()
        tape.show(20)
        tape.track.end()
        for one in tape.files:
            store.keep(one)
        footage.index(tape.files)
    return list(Segment.objects.filter(camera=camera).order_by("begins"))


@pytest.mark.django_db
def test_what_is_older_than_its_term_is_destroyed_and_that_is_recorded(camera: Camera) -> None:
    old, held, new = recorded_at(camera, 5, 4, 2)
    files = [store.folder() / one.path for one in (old, held, new)]
    now = datetime.now(UTC)
    with pytest.raises(CameraError):
        footage.lock(camera, ACTOR, held.begins, held.ends, " ", now + timedelta(days=9))
    footage.lock(camera, ACTOR, held.begins, held.ends, "2026-17", now + timedelta(days=9))
    assert footage.end_terms(now) == 1
    assert [file.exists() for file in files] == [False, True, True]
    assert set(Segment.objects.all()) == {held, new}
    record = Destruction.objects.get()
    assert (record.why, record.begins, record.segments) == (Ended.TERM, old.begins, 1)
    assert Entry.objects.filter(action="cameras.footage_destroyed").count() == 1
    footage.release(footage.locks_of(camera.pk).get(), ACTOR)
    assert footage.end_terms(now) == 1
    assert footage.end_terms(now) == 0
    for wrong in ("UPDATE cameras_destruction SET bytes = 0", "DELETE FROM cameras_destruction"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(wrong)


@pytest.mark.django_db
def test_without_room_the_oldest_goes_and_what_is_locked_stops_the_recording(
    camera: Camera, settings: Any
) -> None:
    old, _middle, new = recorded_at(camera, 2, 1, 0.5)
    settings.FOOTAGE_MOST = 5 * old.bytes // 2
    keeper = Keeper()
    keeper._look_at_room()
    assert keeper.has_room()
    assert Segment.objects.order_by("begins").first() != old
    assert Destruction.objects.get().why == Ended.ROOM
    until = datetime.now(UTC) + timedelta(days=1)
    footage.lock(camera, ACTOR, old.begins, new.ends, "2026-17", until)
    settings.FOOTAGE_MOST = 10
    keeper._count_again = 0
    keeper._look_at_room()
    assert not keeper.has_room()
    assert Segment.objects.count() == 2
    settings.FOOTAGE_MOST = 0
    keeper._look_at_room()
    assert keeper.has_room()


@pytest.mark.django_db
def test_what_a_killed_process_left_is_indexed_once(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Tape(store.of_camera(camera.pk), seconds=60)
    tape.now = datetime.now(UTC).timestamp()
    for piece in sent():
        tape.track.take(piece)
    draft = tape.track._draft
    assert draft is not None
    draft.flush()
    draft.file.close()
    (draft.path.parent / "1-on-x.mp4.part").write_bytes(b"")

    def killed(files: object) -> int:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(footage, "index", killed)  # kept, and not indexed
        with pytest.raises(SystemExit):
            Keeper()._salvage()
    assert Segment.objects.count() == 0
    Keeper()._salvage()
    Keeper()._salvage()
    (found,) = Segment.objects.all()
    assert (found.salvaged, found.gap, found.frames) == (True, Gap.BEGAN, 24)
    assert list(draft.path.parent.iterdir()) == []
    with (store.folder() / found.path).open("rb") as file:
        init, fragments = read(file)
    assert len(init) == found.key_bytes[0]
    assert [one.offset for one in fragments if one.key] == found.key_bytes


@pytest.mark.django_db
def test_what_was_recorded_is_gathered_and_says_why_something_is_missing(camera: Camera) -> None:
    tape = Tape(store.of_camera(camera.pk))
    tape.show(45)
    tape.track.take(Piece(1, why="timed out"))
    tape.now += 60
    tape.show(25, source=2)
    tape.track.end()
    footage.index(tape.files)
    tape.close()
    found = queries.spans(camera.pk, BEGAN, BEGAN + timedelta(hours=1))
    assert [(one.gap, one.words) for one in found] == [("began", ""), ("camera", "timed out")]
    assert [(one.ends - one.begins).total_seconds() for one in found] == [4.5, 2.5]
    assert found[0].bytes == sum(one.bytes for one in tape.files[:3])


@pytest.mark.django_db
def test_the_register_says_what_is_recorded(camera: Camera) -> None:
    assert footage.recorded() == {camera.pk: "main"}
    assert queries.recording_state(camera) == Recording.WAITING
    assert queries.counts(camera.city_id)["unrecorded"] == 1
    with pytest.raises(CameraError):
        change_camera(camera, ACTOR, {"kept_days": 0}, None)
    camera.refresh_from_db()
    camera.site.basis = "statistics"
    camera.site.save()
    assert footage.recorded() == {}
    with pytest.raises(CameraError):
        change_camera(camera, ACTOR, {"kept_days": 2}, None)
    change_camera(camera, ACTOR, {"records": False}, None)
    assert queries.recording_state(camera) == Recording.OFF
