"""Footage leaves by the hands of two, packed, signed and counted; one changed bit is found."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.people.domain.grants import give_scope
from madang.ground.people.models import Account, Membership
from madang.ground.privacy.domain.footage import Answer, decide_request, open_request
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.commands import cameras as command
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.domain.masks import draw_zone
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.giving import archive, steps
from madang.systems.cameras.giving.manifest import (
    FORMAT,
    MANIFEST,
    SIGNATURE,
    ExportError,
    public_key,
    sign,
    verify,
)
from madang.systems.cameras.giving.moving import read_tracks, write_tracks, zones_at
from madang.systems.cameras.models import Camera, FootageLock, Giving, Segment
from madang.systems.cameras.recording import store
from systems.cameras.test_masks import LEFT
from systems.cameras.test_playback import BEGAN, film

ACTOR = Actor(name="test")
END = BEGAN + timedelta(seconds=30)
WORDS: dict[str, Any] = {
    "deed": "giving",
    "basis": "18-2-7",
    "receiver": "고요경찰서 형사과",
    "document": "형사과-1234",
    "purpose": "절도 사건 수사",
    "items": "영상",
    "limits": "수사 목적으로만 쓰고 파기 후 통보",
}


@pytest.fixture
def camera(city: City, settings: Any, tmp_path: Path) -> Camera:
    settings.FOOTAGE_FOLDER = tmp_path / "footage"
    settings.EXPORTS_FOLDER = tmp_path / "exports"
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1, main_address="rtsp://10.0.0.1/a")], ACTOR)
    found = Camera.objects.select_related("site", "city").get()
    film(found, BEGAN)  # ten seconds
    film(found, BEGAN + timedelta(seconds=20), gap="timed out")
    return found


@pytest.fixture
def preparer(city: City, person: MakePerson) -> Account:
    account: Account = person("shift_leader")
    give_scope(ACTOR, Membership.objects.get(account=account), ["view", "play", "export"])
    return account


@pytest.fixture
def officer(person: MakePerson) -> Account:
    account: Account = person("footage_officer")
    return account


def who(account: Account) -> Actor:
    return Actor(account.pk, str(account))


def packed(city: City, camera: Camera, hands: tuple[Account, Account], **words: Any) -> Giving:
    """A package of half a minute, of which ten seconds are missing."""
    made = steps.open_giving(who(hands[0]), city, **{**WORDS, **words})
    span = steps.add_span(made, who(hands[0]), camera, BEGAN, END, "scope:x")
    if made.basis == "35":
        steps.hide_moving(span, [[[0.0, 0.6, 0.1, 0.2, 0.3], [10.0, 0.6, 0.6, 0.2, 0.3]]])
    steps.check(made, who(hands[0]))
    steps.decide(made, who(hands[1]), True, "")
    made.refresh_from_db()
    steps.pack_now(made)
    made.refresh_from_db()
    assert made.state == "packed", made.failure
    return made


@pytest.mark.django_db
def test_an_export_for_the_police_is_what_was_recorded_and_says_what_is_missing(
    city: City, camera: Camera, preparer: Account, officer: Account, settings: Any
) -> None:
    made = packed(city, camera, (preparer, officer))
    path = steps.package_of(made)
    found = verify(path, public_key(settings.TRAIL_ORIGIN, settings.EXPORTS_SECRET))
    manifest = found.manifest
    assert manifest["approved"]["by"] == str(officer)
    assert manifest["basis"]["code"] == "18-2-7"
    (span,) = manifest["spans"]
    (gap,) = span["gaps"]
    assert (gap["begins"][11:19], gap["ends"][11:19]) == ("04:00:10", "04:00:20")
    assert "timed out" in gap["why"]
    recorded = {
        one.begins: (store.folder() / one.path).read_bytes() for one in Segment.objects.all()
    }
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        originals = [one for one in manifest["files"] if one["treatment"] == "original"]
        for file, (_begins, data) in zip(originals, sorted(recorded.items()), strict=True):
            content = package.read(file["name"])
            assert content.startswith(data)
            assert b"madang export 01quiet/" in content[len(data) :]
            with av.open(io.BytesIO(content)) as played:
                assert len(list(played.decode(video=0))) == 150
        (marked,) = (one for one in manifest["files"] if one["treatment"] == "marked")
        with av.open(io.BytesIO(package.read(marked["name"]))) as played:
            frames = list(played.decode(video=0))
    assert len(frames) == 300
    assert frames[-1].time == pytest.approx(29.93, abs=0.1)
    assert frames[3].to_ndarray(format="gray").std() > 5  # the mark stands across an even picture
    assert FootageLock.objects.filter(camera=camera, begins=BEGAN, ends=END).count() == 1
    assert Entry.objects.filter(action="people.cameras.export").count() == 1

    run = CliRunner().invoke(command, ["verify-export", str(path)])
    assert run.exit_code == 0
    assert "missing" in run.output
    assert "고요경찰서" in run.output


@pytest.mark.django_db
def test_an_export_that_was_decided_on_stays_as_it_was(
    city: City, camera: Camera, preparer: Account, officer: Account
) -> None:
    """Even where a program would change it: the ledger and the package must not part."""
    made = packed(city, camera, (preparer, officer))
    rows = Giving.objects.filter(pk=made.pk)
    for change in (
        {"receiver": "somebody else"}, {"purpose": "another"}, {"decided_by": None},
        {"sha256": "0" * 64}, {"state": "draft"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        made.spans.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        made.spans.update(ends=END + timedelta(hours=1))


def test_no_bit_of_a_small_export_can_be_changed_unseen(tmp_path: Path) -> None:
    """Each bit around the files, also that which calls one compressed or encrypted; one a byte within."""
    picture, package = tmp_path / "a.mp4", tmp_path / "a.zip"
    picture.write_bytes(b"footage")
    listed = {"name": "a.mp4", "sha256": sha256(b"footage").hexdigest()}
    manifest = json.dumps({"format": FORMAT, "files": [listed]}).encode()
    (tmp_path / MANIFEST).write_bytes(manifest)
    (tmp_path / SIGNATURE).write_bytes(sign(manifest, "city", "secret"))
    paths = [tmp_path / MANIFEST, tmp_path / SIGNATURE, picture]
    data = b"".join(archive.written([archive.entry(one.name, one) for one in paths]))
    package.write_bytes(data)
    verify(package)
    within = {
        data.index(one.read_bytes()) + at for one in paths for at in range(one.stat().st_size)
    }
    unseen = []
    for bit in range(len(data) * 8):
        if bit // 8 in within and bit % 8:
            continue
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << (bit % 8)
        package.write_bytes(changed)
        with contextlib.suppress(ExportError):
            verify(package)
            unseen.append(bit)
    assert unseen == []


@pytest.mark.django_db
def test_one_bit_of_an_export_that_is_changed_anywhere_is_found(
    city: City, camera: Camera, preparer: Account, officer: Account, tmp_path: Path
) -> None:
    path = steps.package_of(packed(city, camera, (preparer, officer)))
    data, wrong = path.read_bytes(), tmp_path / "wrong.zip"
    step = len(data) // 40
    for at in [*range(0, len(data), step), *range(len(data) - 260, len(data), 13)]:
        changed = bytearray(data)
        changed[at] ^= 1 << (at % 8)
        wrong.write_bytes(changed)
        with pytest.raises(ExportError):
            verify(wrong)
    for other in (data + b"\0", data[:-1], b"", data[: len(data) // 2]):
        wrong.write_bytes(other)
        with pytest.raises(ExportError):
            verify(wrong)
    with pytest.raises(ExportError, match="another key"):
        verify(path, public_key("else", "where"))
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as package:
        package.extractall(folder)
    assert verify(folder).manifest["package"]["number"]
    (folder / "more.mp4").write_bytes(b"slipped in")
    with pytest.raises(ExportError, match=r"more.mp4 is not in the manifest"):
        verify(folder)
    (folder / "more.mp4").unlink()
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**said, "receiver": "다른 곳"}, ensure_ascii=False))
    with pytest.raises(ExportError, match="not as it was signed"):
        verify(folder)
    run = CliRunner().invoke(command, ["verify-export", str(folder)])
    assert run.exit_code == 1


@pytest.mark.django_db
def test_an_export_of_ones_own_footage_hides_zones_and_third_persons(
    city: City, camera: Camera, preparer: Account, officer: Account
) -> None:
    draw_zone(camera, ACTOR, "창문", "주거 공간", LEFT)
    asked = open_request(ACTOR, city, name="홍길동", place="시장길", begins=BEGAN, ends=END)
    own = {"deed": "export", "basis": "35", "request": asked.number, "receiver": "본인"}
    with pytest.raises(CameraError):  # it waits for its answer
        steps.open_giving(who(preparer), city, **{**WORDS, **own})
    when = timezone.now() + timedelta(days=1)
    decide_request(who(officer), asked, Answer("given", where="시청", when=when, masked=True))
    made = packed(city, camera, (preparer, officer), **own)
    (file,) = verify(steps.package_of(made)).manifest["files"]
    assert (file["treatment"], file["zones"], file["moving_masks"]) == ("masked", 1, 1)
    with (
        zipfile.ZipFile(steps.package_of(made)) as package,
        av.open(io.BytesIO(package.read(file["name"]))) as played,
    ):
        shown = [frame.to_ndarray(format="gray").astype(int) for frame in played.decode(video=0)]
    height, width = shown[0].shape
    late = shown[140]  # the picture is bright by now
    for x, y, number in ((0.2, 0.5, 140), (0.7, 0.25, 5), (0.7, 0.7, 140)):
        assert shown[number][int(y * height), int(x * width)] == pytest.approx(47, abs=8)
    assert late[int(0.25 * height), int(0.7 * width)] > 100  # who was hidden there has gone on
    assert late[int(0.9 * height), int(0.1 * width)] > 100


@pytest.mark.django_db
def test_an_export_goes_from_hand_to_hand_and_each_step_once(
    city: City, camera: Camera, preparer: Account, officer: Account
) -> None:
    made = steps.open_giving(who(officer), city, **WORDS)
    with pytest.raises(CameraError, match=r"recorded|녹화"):
        steps.check(made, who(officer))
    for begins, ends in ((END, BEGAN), (BEGAN, BEGAN + timedelta(days=1))):
        with pytest.raises(CameraError):
            steps.add_span(made, who(officer), camera, begins, ends, "scope:x")
    steps.add_span(made, who(officer), camera, BEGAN, END, "scope:x")
    steps.check(made, who(officer))
    with pytest.raises(CameraError):  # who prepared it does not decide
        steps.decide(made, who(officer), True, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        Giving.objects.update(state="approved", decided=timezone.now(), decided_by=officer)
    with pytest.raises(CameraError):
        steps.decide(made, who(preparer), False, " ")
    steps.decide(made, who(preparer), True, "")
    made.refresh_from_db()
    with pytest.raises(CameraError):
        steps.hand_out(made, who(preparer))
    steps.pack_now(made)
    word = steps.hand_out(made, who(preparer))
    made.refresh_from_db()
    assert steps.find_handed_out(city, "guessed") is None
    steps.collect(made, word, ACTOR)
    with pytest.raises(CameraError):
        steps.collect(made, word, ACTOR)
    steps.report_destroyed(made, who(preparer), timezone.localdate(), "덮어쓰기")
    path = steps.package_of(made)
    assert path.exists()
    assert steps.end_packages(timezone.now()) == 0
    assert steps.end_packages(timezone.now() + timedelta(days=8)) == 1
    assert not path.exists()
    made.refresh_from_db()
    assert (made.state, made.collections, made.reported_how) == ("destroyed", 1, "덮어쓰기")
    acts = Entry.objects.filter(action__startswith="cameras.giving_").order_by("time")
    names = " ".join(one.action.removeprefix("cameras.giving_") for one in acts)
    assert names == "opened checked approved packed handed_out collected reported destroyed"


@pytest.mark.django_db
def test_the_pages_of_an_export_from_request_to_ledger(
    city: City,
    camera: Camera,
    preparer: Account,
    officer: Account,
    person: MakePerson,
    client: Client,
) -> None:
    root = "/quiet/cameras/giving/"
    client.force_login(preparer)
    assert client.post(f"{root}new/", {**WORDS, "basis": "18-2-2"}).status_code == 422
    page = client.post(f"{root}new/", WORDS)
    path = page["Location"]
    span = {"camera": camera.key, "begins": "2025-01-15T13:00", "ends": "2025-01-15T13:01"}
    assert client.post(path, {**span, "camera": "nowhere"}).status_code == 422
    assert client.post(path, span).status_code == 302
    shown = client.get(path).content.decode()
    assert "timed out" in shown
    client.post(f"{path}check/")
    assert client.post(f"{path}decide/", {"decision": "approve"}).status_code == 403
    client.force_login(officer)
    client.post(f"{path}decide/", {"decision": "approve"})
    made = Giving.objects.get()
    steps.pack_now(made)
    handed = client.post(f"{path}address/").context["address"]
    outside = Client()
    place = handed.partition("testserver")[2]
    assert made.receiver in outside.get(place).content.decode()
    answer = outside.post(place)
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(data) == int(answer["Content-Length"])
    assert outside.post(place).status_code == outside.get(place).status_code == 404
    made.refresh_from_db()
    assert (made.state, made.collections) == ("collected", 1)
    steps.open_giving(who(preparer), city, **{**WORDS, "basis": "18-2-8", "receiver": "법원"})

    page = client.get(f"{root}ledger/")
    answer = client.get(f"{root}ledger/{page.context['table'].csv_url}")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0].count(",") == 7
    assert "고요경찰서 형사과" in lines[1]
    published = outside.get(f"{root}published/").content.decode()
    assert "절도 사건 수사" not in published  # an investigation is a number only
    client.force_login(person("operator"))
    assert client.get(f"{root}ledger/").status_code == 403


@pytest.mark.django_db
def test_an_export_that_is_only_viewed_has_no_address(
    city: City, camera: Camera, preparer: Account, officer: Account, client: Client
) -> None:
    made = packed(city, camera, (preparer, officer), deed="viewing")
    with pytest.raises(CameraError):
        steps.hand_out(made, who(officer))
    client.force_login(officer)
    path = f"/quiet/cameras/giving/{made.pk}/"
    name = client.get(path).context["videos"][0]
    shown = client.post(f"{path}show/{name}/")
    with av.open(io.BytesIO(shown.getvalue())) as played:
        assert played.streams.video[0].codec_context.width == 320
    assert client.post(f"{path}show/manifest.json/").status_code == 404
    made.refresh_from_db()
    assert (made.state, made.collections) == ("collected", 1)


def test_who_is_hidden_by_hand_in_an_export_moves_evenly() -> None:
    tracks = read_tracks("0 10 10 10 20\n10 50 30 10 20\n\n4 0 0 100 100\n")
    assert zones_at(tracks, 5)[0][0] == pytest.approx((0.3, 0.2))
    assert len(zones_at(tracks, 4)) == 2
    assert zones_at(tracks, 11) == ()
    assert read_tracks(write_tracks(tracks)) == tracks
    for wrong in ("1 2 3", "0 10 10 10 x", "0 10 10 0 10", "0 120 0 10 10", "1 0 0 9 9\n1 1 1 9 9"):
        with pytest.raises(ValueError, match=r"line|second"):
            read_tracks(wrong)


@given(st.floats(0, 20), st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_what_hides_by_hand_in_an_export_stays_within_the_picture(
    second: float, places: list[float]
) -> None:
    track = [[0.0, *places[:4]], [20.0, *places[4:]]]
    for zone in zones_at([track], second):
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in zone)
