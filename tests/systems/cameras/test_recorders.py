"""ONVIF devices asked for what they are, taken into the register, followed; and devices that err."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from fixtures.onvif import PASSWORD, USER, Device, recorder
from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.demo.eyes.discovery import Responder
from madang.ground.city.models import City
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.commands import cameras as command
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.domain.sealing import unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import (
    Camera,
    DeviceState,
    Onvif,
    OnvifChannel,
    OnvifDevice,
    Site,
)
from madang.systems.cameras.onvif import talk as talking
from madang.systems.cameras.onvif.probing import probe
from madang.systems.cameras.onvif.talk import Device as Reached
from madang.systems.cameras.onvif.talk import OnvifError, RefusedError, SilentError
from madang.systems.cameras.recorders import devices, taking
from madang.systems.cameras.recorders.reading import Told, read_device

ACTOR = Actor(name="test")
PAGES = "/quiet/cameras/recorders/"
Spoil = Callable[[int, str], tuple[int, str]]


@pytest.fixture
def device() -> Iterator[Device]:
    with recorder(channels=3) as made:
        yield made


def read(made: Device, password: str = PASSWORD) -> Told:
    return asyncio.run(read_device(Reached(made.address, USER, password)))


def test_a_recorder_says_what_it_is_and_each_of_its_channels(device: Device) -> None:
    told = read(device)
    assert (told.maker, told.model, told.serial) == (
        "Madang demo (simulated)",
        "Recorder",
        "test-recorder",
    )
    assert told.endpoint.startswith("urn:uuid:")
    assert told.skew is not None
    assert abs(told.skew) < timedelta(seconds=5)
    assert [one.token for one in told.channels] == ["eye-C1-1", "eye-C2-1", "eye-C3-1"]
    first = told.channels[0]
    assert (first.name, first.main.codec, first.main.width, first.main.fps) == (
        "C1-1",
        "h264",
        640,
        15,
    )
    assert first.sub is not None
    assert first.sub.width == 320
    assert [one.main.turns for one in told.channels] == [True, False, False]
    assert first.recorded is not None
    assert len(first.recorded.spans) == 1
    assert first.recorded.uri.endswith("/C1-1/replay")


def test_addresses_carry_no_password_and_lead_where_we_reach_the_device(device: Device) -> None:
    def elsewhere(status: int, body: str) -> tuple[int, str]:
        """Behind a router it knows another host, and writes its password into addresses."""
        body = re.sub(r"http://127.0.0.1:\d+/", "http://192.168.0.64/", body)
        return status, body.replace("rtsp://127.0.0.1", "rtsp://admin:secret@192.168.0.64")

    device.server.spoil = elsewhere
    told = read(device)
    assert told.channels[0].main.address == "rtsp://127.0.0.1:1/demo/C1-1/main"


def test_h265_is_told_apart_and_its_h264_sub_stream_found(device: Device) -> None:
    device.server.spoil = staticmethod(
        lambda status, body: (
            status,
            body.replace("<tt:Encoding>H264</tt:Encoding>", "<tt:Encoding>H265</tt:Encoding>", 1),
        )
    )
    first = read(device).channels[0]
    assert first.main.codec == "hevc"
    assert first.sub is not None
    assert first.sub.codec == "h264"


def test_of_a_device_that_has_h265_by_media2_alone_both_streams_are_found() -> None:
    with recorder(channels=2, codec="H265") as device:
        first, second = read(device).channels
        assert (first.main.codec, first.main.turns) == ("hevc", True)
        assert first.sub is not None
        assert (first.sub.codec, first.sub.width) == ("h264", 320)
        assert first.main.address.endswith("/C1-1/main")
        assert second.main.codec == "h264"
        device.station = replace(
            device.station, media2=False
        )  # of an older one only what Media names
        first = read(device).channels[0]
        assert (first.main.codec, first.main.width) == ("h264", 320)


@pytest.mark.parametrize("operation", ["GetProfiles", "GetStreamUri"])
def test_where_media2_errs_media_is_asked(device: Device, operation: str) -> None:
    def broken(status: int, body: str) -> tuple[int, str]:
        return status, re.sub(
            rf"(?s)<tr2:{operation}Response>.*</tr2:{operation}Response>", "", body
        )

    device.server.spoil = broken
    assert len(read(device).channels) == 3


def test_a_device_that_leads_elsewhere_is_shown_no_password(device: Device) -> None:
    device.server.location = "http://127.0.0.1:1/onvif/device_service"
    device.server.spoil = staticmethod(lambda status, body: (307, ""))
    with override("en"), pytest.raises(SilentError, match="redirect"):
        read(device)
    device.server.location = device.address  # and one that leads to itself, for ever
    with override("en"), pytest.raises(SilentError, match="redirect"):
        read(device)
    assert len(device.server.asked) < 8


def test_holes_in_its_recordings_are_told() -> None:
    now = datetime.now(UTC)
    gone = (now - timedelta(hours=2)).replace(microsecond=0)
    midnight = gone.replace(hour=0, minute=0, second=0)
    with recorder(channels=2, rests=(round((gone - midnight).total_seconds()), 60)) as device:
        told = read(device)
        device.server.spoil = wrong_namespaces
        again = read(device)
    for one in (*told.channels, *again.channels):
        assert one.recorded is not None
        (_begins, before), (after, _ends) = one.recorded.spans
        assert abs(before - gone) < timedelta(seconds=3)
        assert after - before == timedelta(seconds=60)


@pytest.fixture
def responder(device: Device) -> Iterator[int]:
    """The demo's recorder hears probes on loopback, on a port of its own."""
    loop, port = asyncio.new_event_loop(), Future[int]()

    async def serve() -> None:
        found = Responder({device.address: "북수원 녹화장치"})
        port.set_result(await found.start(0))
        await ending.wait()
        found.stop()

    ending = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    yield port.result(10)
    loop.call_soon_threadsafe(ending.set)
    thread.join(10)


def test_a_probe_finds_a_device_that_can_be_asked(device: Device, responder: int) -> None:
    (found,) = probe("127.0.0.1", within=1.0, port=responder)
    assert (found.address, found.name, found.hardware) == (
        device.address,
        "북수원 녹화장치",
        "simulated",
    )
    told = asyncio.run(read_device(Reached(found.address, USER, PASSWORD)))
    assert told.endpoint == found.endpoint
    assert probe("127.0.0.1", within=0.2, port=1) == []


def wrong_namespaces(status: int, body: str) -> tuple[int, str]:
    return status, re.sub(r"(</?)(tt|tds|trt|tr2|tse|trp):", r"\1tptz:", body)


def test_wrong_namespaces_are_understood(device: Device) -> None:
    device.server.spoil = wrong_namespaces
    told = read(device)
    assert len(told.channels) == 3
    assert told.channels[2].recorded is not None


def replaced(operation: str, inner: str) -> Spoil:
    def spoil(status: int, body: str) -> tuple[int, str]:
        if f"{operation}Response" not in body:
            return status, body
        return status, re.sub(r"(?s)<s:Body>.*</s:Body>", f"<s:Body>{inner}</s:Body>", body)

    return spoil


ERRS: list[tuple[Spoil, type[OnvifError], str]] = [
    (replaced("GetProfiles", "<trt:GetProfilesResponse/>"), OnvifError, "media profile"),
    (lambda status, body: (500, "<html>oops"), SilentError, ""),
    (lambda status, body: (status, body[: len(body) // 2]), SilentError, ""),
    (lambda status, body: (401, ""), RefusedError, ""),
    (lambda status, body: (status, body + " " * 3_000_000), SilentError, "too large"),
    (replaced("GetStreamUri", "<trt:GetStreamUriResponse/>"), OnvifError, "RTSP"),
    (
        replaced(
            "GetDeviceInformation",
            "<s:Fault><s:Reason><s:Text>busy</s:Text></s:Reason></s:Fault>",
        ),
        OnvifError,
        "busy",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("spoil", "kind", "words"), ERRS)
def test_what_errs_is_said_and_nothing_of_it_is_written(
    city: City,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Spoil,
    kind: type[OnvifError],
    words: str,
) -> None:
    monkeypatch.setattr(talking, "LARGEST", 2_000_000)
    made = devices.add_device(city, ACTOR, device.address, USER, PASSWORD)
    devices.ask_device(made)
    before = list(OnvifChannel.objects.values())
    assert len(before) == 3
    device.server.spoil = spoil
    with override("en"), pytest.raises(kind, match=words):
        read(device)
    asked = devices.ask_device(made)
    assert asked is not None
    assert asked.state == (DeviceState.REFUSED if kind is RefusedError else DeviceState.FAILED)
    assert asked.error
    assert PASSWORD not in asked.error
    assert list(OnvifChannel.objects.values()) == before


@pytest.mark.django_db
def test_a_clock_that_is_a_year_off_is_said_and_allowed_for(city: City) -> None:
    with recorder(channels=1, ahead=365 * 86400) as device:
        made = devices.add_device(city, ACTOR, device.address, USER, PASSWORD)
        asked = devices.ask_device(made)
        assert asked is not None
        assert asked.state == DeviceState.OK, asked.error
        assert asked.skew == pytest.approx(365 * 86400, abs=5)
        held = OnvifChannel.objects.get().held.get()
        assert abs(held.ends - timezone.now()) < timedelta(seconds=10)


@pytest.fixture
def sites(city: City) -> list[Site]:
    return make_sites(
        city,
        ("경기도 고요시 학교길 1", "school-zone", 127.002),
        ("경기도 고요시 시장길 9", "crime", 127.014),
    )


@pytest.fixture
def asked(city: City, sites: list[Site], device: Device) -> OnvifDevice:
    record_cameras(city, [CameraSpec(sites[0], 1, kind="turning", codec="h264")], ACTOR)
    made = devices.add_device(city, ACTOR, device.address, USER, PASSWORD)
    found = devices.ask_device(made)
    assert found is not None
    assert found.state == DeviceState.OK, found.error
    return found


def channel(token: str) -> OnvifChannel:
    return OnvifChannel.objects.select_related("camera").get(token=f"eye-{token}")


def chosen(**keys: str) -> dict[UUID, str]:
    return {channel(f"C{name[1:]}-1").pk: key for name, key in keys.items()}


@pytest.mark.django_db
def test_a_channel_is_the_camera_that_its_name_says_or_a_new_one_of_a_site(
    city: City, asked: OnvifDevice, sites: list[Site]
) -> None:
    assert taking.suggestions(asked) == chosen(c1="C1-1")
    taking.take_over(asked, ACTOR, chosen(c1="C1-1", c2="C2", c3="C2"))
    known, new, planned = (channel(f"C{one}-1").camera for one in (1, 2, 3))
    assert known
    assert new
    assert planned
    assert known.key == "C1-1"
    assert known.main_address.endswith("/C1-1/main")
    assert unseal(known.pk, bytes(known.sealed)) == PASSWORD
    assert (known.width, known.bearing) == (640, None)  # what nobody knows stays unknown
    assert Onvif.objects.get(camera=known).turns
    # The register counts one camera at C2: it stands there. One more is planned until residents are heard.
    assert (new.key, new.state) == ("C2-1", "installed")
    assert (planned.key, planned.state) == ("C2-2", "planned")


@pytest.mark.django_db
def test_asking_again_changes_nothing(asked: OnvifDevice) -> None:
    taking.take_over(asked, ACTOR, chosen(c1="C1-1"))
    rows = (OnvifDevice, OnvifChannel, Camera, Onvif)

    def all_() -> list[object]:
        left = {"asked", "contact", "skew"}
        found: list[dict[str, object]] = [dict(row) for one in rows for row in one.objects.values()]
        return [{key: row[key] for key in row if key not in left} for row in found]

    before, entries = all_(), Entry.objects.count()
    devices.ask_device(asked)
    assert all_() == before
    assert Entry.objects.count() == entries


@pytest.mark.django_db
def test_none_is_taken_where_one_line_is_wrong(asked: OnvifDevice) -> None:
    for keys, words in (
        (chosen(c1="C1-1", c2="C9"), "C9"),
        (chosen(c1="C1-1", c2="C1-1"), "C1-1"),
    ):
        with pytest.raises(CameraError, match=words):
            taking.take_over(asked, ACTOR, keys)
        assert not OnvifChannel.objects.exclude(camera=None).exists()


@pytest.mark.django_db
def test_a_device_that_moved_is_known_again_and_its_cameras_follow(
    city: City, asked: OnvifDevice, device: Device
) -> None:
    taking.take_over(asked, ACTOR, chosen(c1="C1-1"))
    moved = device.address.replace("127.0.0.1", "localhost")
    device.server.spoil = staticmethod(
        lambda status, body: (status, body.replace("rtsp://127.0.0.1:1/", "rtsp://127.0.0.1:2/"))
    )
    found = devices.ask_device(devices.add_device(city, ACTOR, moved, USER, PASSWORD))
    assert found == asked
    assert found.address == moved
    assert OnvifDevice.objects.count() == 1
    camera = Camera.objects.get(key="C1-1")
    assert camera.main_address == "rtsp://localhost:2/demo/C1-1/main"
    assert Onvif.objects.get(camera=camera).address == moved


@pytest.mark.django_db
def test_a_channel_that_is_gone_is_marked_and_its_camera_stays(
    asked: OnvifDevice, device: Device
) -> None:
    taking.take_over(asked, ACTOR, chosen(c1="C1-1"))
    whole = device.station
    device.station = whole.__class__(whole.name, whole.channels[1:], whole.model, digest=True)
    devices.ask_device(asked)
    assert channel("C1-1").gone is not None
    assert channel("C1-1").camera == Camera.objects.get(key="C1-1")
    device.station = whole
    devices.ask_device(asked)
    assert channel("C1-1").gone is None


@pytest.mark.django_db
def test_another_password_holds_for_its_cameras_too(asked: OnvifDevice) -> None:
    taking.take_over(asked, ACTOR, chosen(c1="C1-1"))
    devices.change_access(asked, ACTOR, USER, "falsch")
    refused = devices.ask_device(asked)
    assert refused is not None
    assert refused.state == DeviceState.REFUSED
    camera = Camera.objects.get(key="C1-1")
    assert unseal(camera.pk, bytes(camera.sealed)) == "falsch"
    devices.check_devices([asked])
    asked.refresh_from_db()
    assert asked.state == DeviceState.REFUSED


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("10.0.0.20", "http://10.0.0.20/onvif/device_service"),
        ("https://nvr.example:8443/onvif/device", "https://nvr.example:8443/onvif/device"),
        ("ftp://10.0.0.20", None),
        ("http://admin:1234@10.0.0.20", None),
        ("10.0.0.20:999999", None),
        ("한 줄", None),
    ],
)
def test_an_address_is_one_or_refused(words: str, address: str | None) -> None:
    if address is None:
        with pytest.raises(CameraError):
            devices.whole_address(words)
    else:
        assert devices.whole_address(words) == address


def browser(account: object) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account)  # type: ignore[arg-type]
    return client


@pytest.mark.django_db
def test_its_page_takes_channels_and_says_what_is_wrong(
    person: MakePerson, asked: OnvifDevice
) -> None:
    client = browser(person("administrator"))
    page = client.get(f"{PAGES}{asked.pk}/").content.decode()
    assert 'value="C1-1"' in page
    assert "640 × 360" in page
    assert PASSWORD not in page
    path = f"{PAGES}{asked.pk}/take/"
    field = f"channel-{channel('C2-1').pk}"
    assert client.post(path, {}).status_code == 422
    refused = client.post(path, {field: "C99"})
    assert refused.status_code == 422
    assert "C99" in refused.content.decode()
    assert client.post(path, {field: "C2"}).status_code == 302
    taken = channel("C2-1")
    assert taken.camera is not None
    client.post(f"{PAGES}channels/{taken.pk}/let-go/")
    assert channel("C2-1").camera is None
    assert Camera.objects.get(key="C2-1").main_address == ""
    assert client.post(f"{PAGES}{asked.pk}/forget/").status_code == 302
    assert client.get(f"{PAGES}{asked.pk}/").status_code == 302
    assert Camera.objects.filter(key="C2-1").exists()


@pytest.mark.django_db
def test_a_device_is_added_by_who_keeps_the_register_and_asked_by_a_job(
    city: City, person: MakePerson
) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    words = {"address": "10.0.0.20", "user": "admin", "password": "열려라", "name": "북수원 NVR"}
    assert browser(person("operator")).post(f"{PAGES}new/", words).status_code == 403
    client = browser(person("administrator"))
    assert client.post(f"{PAGES}new/", {**words, "address": "ftp://x"}).status_code == 422
    assert client.post(f"{PAGES}new/", words).status_code == 302
    made = OnvifDevice.objects.get()
    assert "열려라".encode() not in bytes(made.sealed)
    assert ProcrastinateJob.objects.filter(task_name="cameras.ask_device").count() == 1
    assert "북수원 NVR" in client.get(PAGES).content.decode()


def told(*words: str) -> tuple[int, str]:
    run = CliRunner().invoke(command, ["recorders", *words])
    return run.exit_code, run.output


@pytest.mark.django_db
def test_the_same_by_command(sites: list[Site], device: Device, responder: int) -> None:
    here = ("--city", "quiet")
    assert told("list", *here) == (
        0,
        "No device of quiet is known: madang cameras recorders add ADDRESS --city quiet\n",
    )
    for wrong in (
        ("ask", "한 줄"),
        ("ask", "10.9.9.9"),
        ("list",),
        ("add", "ftp://x", "--password", "x"),
    ):
        code, words = told(*wrong, *(here if wrong != ("list",) else ("--city", "nowhere")))
        assert code == 1
        assert "Traceback" not in words
        assert "Error: " in words
    add = ("add", device.address, *here, "--user", USER, "--name", "북수원")
    code, words = told(*add, "--password", "falsch")
    assert code == 1
    assert "falsch" not in words
    code, words = told(*add, "--password", PASSWORD)
    assert code == 0, words
    assert "h264 640x360  turns" in words
    assert told("ask", device.address, *here)[0] == 0
    code, words = told("list", *here)
    assert "3 channels, 0 taken" in words
    assert PASSWORD not in words
    code, words = told("find", "--interface", "127.0.0.1", "--seconds", "0.5")
    assert code == 0
