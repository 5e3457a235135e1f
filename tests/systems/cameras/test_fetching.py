"""Locked footage that a recorder of the city holds is fetched into ours, and is footage like any other."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fixtures.onvif import PASSWORD, USER, Device, recorder
from madang.ground.city.models import City
from madang.ground.people.models import Account
from madang.ground.trail.models import Entry
from madang.systems.cameras import tasks
from madang.systems.cameras.domain import footage
from madang.systems.cameras.giving import steps
from madang.systems.cameras.giving.gaps import gaps_of, segments_of
from madang.systems.cameras.giving.manifest import verify
from madang.systems.cameras.live.door import Playback
from madang.systems.cameras.live.playing import Asks, answer
from madang.systems.cameras.models import (
    Camera,
    Destruction,
    FootageLock,
    OnvifChannel,
    OnvifDevice,
    Segment,
)
from madang.systems.cameras.recorders import devices, fetching
from madang.systems.cameras.recording import store
from systems.cameras.test_export import WORDS, officer, preparer, who
from systems.cameras.test_masks import one_connection
from systems.cameras.test_playback import ACTOR, film, frames, operator
from systems.cameras.test_recorders import replaced
from systems.cameras.test_replay import camera, device, ms, opened

__all__ = ["camera", "device", "officer", "one_connection", "opened", "operator", "preparer"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection", "short_files")]
LONG = timedelta(seconds=12)


@pytest.fixture
def short_files(settings: Any, tmp_path: Path) -> None:
    settings.FOOTAGE_SECONDS = 5
    settings.EXPORTS_FOLDER = tmp_path / "exports"


def hours_ago(hours: float) -> datetime:
    return (timezone.now() - timedelta(hours=hours)).replace(microsecond=0)


def locked(camera: Camera, begins: datetime, length: timedelta = LONG) -> FootageLock:
    until = timezone.now() + timedelta(days=3)
    return footage.lock(camera, ACTOR, begins, begins + length, "사건 7", until)


def fetched(held: FootageLock, seconds: float = 60) -> bool:
    done = fetching.fetch_locked(held, time.monotonic() + seconds)
    held.refresh_from_db()
    return done


def test_what_is_locked_is_fetched_and_played_from_our_own_footage(
    camera: Camera, opened: Playback
) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    begins = hours_ago(2)
    held = locked(camera, begins)
    (job,) = ProcrastinateJob.objects.filter(task_name="cameras.fetch_footage")
    tasks.fetch_footage(**job.args)
    held.refresh_from_db()
    assert (held.failure, held.tried is not None) == ("", True)
    found = list(Segment.objects.order_by("begins"))
    assert len(found) >= 2
    assert abs(found[0].begins - begins) < timedelta(seconds=0.2)
    assert abs(found[-1].ends - (begins + LONG)) < timedelta(seconds=0.3)
    assert all(
        abs(one.ends - other.begins) < timedelta(milliseconds=5) for one, other in pairwise(found)
    )
    assert all("test-recorder" in one.origin and one.fetched for one in found)
    assert sum(one.frames for one in found) == pytest.approx(120, abs=3)
    taken = answer(opened, Asks(1, ms(begins + timedelta(seconds=3))))
    assert taken.replaying is None
    assert len(frames(taken)) >= 10
    entry = Entry.objects.get(action="cameras.footage_fetched")
    assert entry.detail["files"] == len(found)
    assert fetched(held)  # again: nothing more comes
    assert Segment.objects.count() == len(found)
    with pytest.raises(IntegrityError), transaction.atomic():
        Segment.objects.update(origin="")


def test_our_own_recording_goes_before_it(camera: Camera) -> None:
    begins = hours_ago(2)
    (own,) = film(camera, begins + timedelta(seconds=2), count=45)
    assert fetched(locked(camera, begins))
    found = list(Segment.objects.exclude(pk=own.pk).order_by("begins"))
    assert found[0].ends <= own.begins + timedelta(seconds=0.3)
    assert found[1].begins >= own.ends - timedelta(seconds=0.2)
    assert Segment.objects.get(origin="") == own


def test_a_recorder_that_refuses_is_said_so_and_asked_again(camera: Camera) -> None:
    held, row = locked(camera, hours_ago(2)), OnvifDevice.objects.get()
    devices.change_access(row, ACTOR, USER, "falsch")
    assert fetched(held)
    assert held.failure
    assert not Segment.objects.exists()
    devices.change_access(row, ACTOR, USER, PASSWORD)
    tasks.fetch_all(timestamp=0)
    held.refresh_from_db()
    assert held.failure == ""
    assert Segment.objects.exists()


def test_of_a_device_that_says_nothing_of_one_recording_what_it_said_before_is_fetched(
    camera: Camera, device: Device
) -> None:
    fault = "<s:Fault><s:Reason><s:Text>not supported</s:Text></s:Reason></s:Fault>"
    device.server.spoil = replaced("GetRecordingInformation", fault)
    held = locked(camera, hours_ago(2))
    assert fetched(held)
    assert held.failure == ""
    assert Segment.objects.exists()


def test_what_is_cut_off_goes_on_and_leaves_nothing_behind(camera: Camera) -> None:
    begins = hours_ago(2)
    held = locked(camera, begins)
    assert not fetched(held, seconds=-1)
    left = store.of_camera(camera.pk) / "fetched" / f"{ms(begins)}-on-{held.pk.hex}.mp4.part"
    left.write_bytes(b"half a picture")
    whole = store.of_camera(camera.pk) / f"{begins:%Y-%m-%d}" / f"{ms(begins)}-on-{held.pk.hex}.mp4"
    whole.parent.mkdir()
    whole.write_bytes(b"kept, and not in the index")
    assert fetched(held)
    assert not left.exists()
    assert not whole.exists()
    files = set(store.of_camera(camera.pk).rglob("*.mp4*"))
    assert files == {store.folder() / one for one in Segment.objects.values_list("path", flat=True)}


def test_a_full_disk_is_said_so_and_nothing_is_fetched(camera: Camera, settings: Any) -> None:
    held, settings.FOOTAGE_LEAST_FREE = locked(camera, hours_ago(2)), 1 << 60
    assert fetched(held)
    assert held.failure
    assert not Segment.objects.exists()


def test_a_hole_of_the_recorder_stays_one_and_is_named(
    city: City, camera: Camera, preparer: Account
) -> None:
    gone = hours_ago(2) + timedelta(seconds=4)
    midnight = gone.replace(hour=0, minute=0, second=0)
    rests = (round((gone - midnight).total_seconds()), 4)
    with recorder(channels=1, rests=rests) as made:
        OnvifDevice.objects.update(address=made.address, skew=0)
        channel = OnvifChannel.objects.get()
        port = made.station.channels[0].replay
        OnvifChannel.objects.filter(pk=channel.pk).update(replay_address=port)
        giving = steps.open_giving(who(preparer), city, **WORDS)
        begins = gone - timedelta(seconds=4)
        span = steps.add_span(giving, who(preparer), camera, begins, begins + LONG, "scope:x")
        assert [one[2] for one in gaps_of(span, [])] == ["녹화장치에 있고, 가져오지 않음"]
        assert fetched(FootageLock.objects.get())
        assert OnvifChannel.objects.get().held.count() == 2
    (gap,) = gaps_of(span, segments_of(span))
    assert abs(gap[0] - gone) < timedelta(seconds=0.3)
    assert abs(gap[1] - gone - timedelta(seconds=4)) < timedelta(seconds=1.2)


def test_it_ends_by_the_cameras_term_and_its_end_is_recorded(camera: Camera) -> None:
    held = locked(camera, hours_ago(2))
    assert fetched(held)
    later = timezone.now() + timedelta(days=40)
    assert footage.end_terms(later) == 0
    footage.release(held, ACTOR)
    count = Segment.objects.count()
    assert footage.end_terms(later) == count
    row = Destruction.objects.get()
    assert (row.segments, row.why) == (count, "term")


def test_a_package_of_a_recorders_camera_says_where_it_was_fetched(
    city: City, camera: Camera, preparer: Account, officer: Account
) -> None:
    begins = hours_ago(2)
    giving = steps.open_giving(who(preparer), city, **WORDS)
    steps.add_span(giving, who(preparer), camera, begins, begins + LONG, "scope:x")
    steps.check(giving, who(preparer))  # nothing is here yet, but the recorder holds it
    steps.decide(giving, who(officer), True, "")
    giving.refresh_from_db()
    steps.pack_now(giving)
    giving.refresh_from_db()
    assert giving.state == "packed", giving.failure
    manifest = verify(steps.package_of(giving)).manifest
    (span,) = manifest["spans"]
    assert span["gaps"] == []
    (origin,) = span["fetched_from"]
    assert "test-recorder" in origin
    assert "127.0.0.1" not in origin
    originals = [one for one in manifest["files"] if one["treatment"] == "original"]
    assert all(one["fetched_from"] == origin and one["fetched"] for one in originals)


def test_a_package_is_not_made_without_what_the_recorder_could_give(
    city: City, camera: Camera, preparer: Account, officer: Account
) -> None:
    begins = hours_ago(2)
    film(camera, begins, count=30)
    giving = steps.open_giving(who(preparer), city, **WORDS)
    steps.add_span(giving, who(preparer), camera, begins, begins + LONG, "scope:x")
    steps.check(giving, who(preparer))
    steps.decide(giving, who(officer), True, "")
    devices.change_access(OnvifDevice.objects.get(), ACTOR, USER, "falsch")
    giving.refresh_from_db()
    steps.pack_now(giving)
    giving.refresh_from_db()
    assert giving.state == "failed"
    assert giving.failure
    devices.change_access(OnvifDevice.objects.get(), ACTOR, USER, PASSWORD)
    steps.pack_now(giving)
    giving.refresh_from_db()
    assert giving.state == "packed"
    assert verify(steps.package_of(giving)).manifest["spans"][0]["gaps"] == []


def test_what_is_filmed_for_statistics_is_not_fetched(camera: Camera) -> None:
    camera.site.basis = "statistics"
    camera.site.save()
    assert fetched(locked(camera, hours_ago(2)))
    assert not Segment.objects.exists()
