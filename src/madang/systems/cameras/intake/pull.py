"""One stream pulled from a camera: a thread that reads its packets, and connects again when they end."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import av
import av.error

from madang.systems.cameras.domain.heads import Gaze
from madang.systems.cameras.domain.masks import Veil
from madang.systems.cameras.intake.calling import STEADY, TURNS, Backoff, Turns
from madang.systems.cameras.intake.fragments import (
    TIMESCALE,
    Broken,
    Changed,
    Fragments,
    Unsaid,
)
from madang.systems.cameras.intake.stills import Stills
from madang.systems.cameras.masking.passing import SLOTS, Passing
from madang.systems.cameras.messages import STILL_MIME, Piece
from madang.systems.cameras.troubles import kind_of, note, noted

OPEN_WITHIN = 5.0  # seconds until a camera must have said what it sends
UNSURE = 0.5  # … by which that may be off
READ_WITHIN = 5.0  # seconds without a word after which the connection is given up
STUCK = 15.0  # … without a picture, though the camera says other things
# Of what a camera offers only its pictures are asked for: sound is never set up (법 §25⑤).
OPTIONS = {"allowed_media_types": "video", "fpsprobesize": "0", "max_delay": "200000"}
# What a stream is, its first key frame says, or the camera's description. Looked at is no more than that:
# FFmpeg would read on for a second, and the first picture would wait for it.
QUICK = {"analyzeduration": "1", "probesize": "32"}
PATIENT = {"analyzeduration": "4000000", "probesize": "2000000"}

Tell = Callable[[Piece], None]


@dataclass(frozen=True)
class Source:
    """Where a stream is and how it is reached."""

    address: str
    transport: str = "tcp"
    user: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        if not self.user:
            return self.address
        words = urlsplit(self.address)
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return words._replace(netloc=f"{who}@{words.netloc}").geturl()


@dataclass
class Account:
    """What came of a stream so far; rates are of the seconds since the last look()."""

    packets: int = 0
    bytes: int = 0
    errors: int = 0
    error: str = ""
    first: float | None = None  # seconds from when it was wanted to its first packet
    last: float | None = None  # Unix seconds
    codec: str = ""
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bits: float | None = None
    _at: float = field(default_factory=time.monotonic)
    _packets: int = 0
    _bytes: int = 0

    def look(self) -> None:
        """Renew the rates."""
        now = time.monotonic()
        span = max(now - self._at, 1e-3)
        self.fps = (self.packets - self._packets) / span
        self.bits = (self.bytes - self._bytes) * 8 / span
        self._at, self._packets, self._bytes = now, self.packets, self.bytes


class Pull:
    """start() it, stop() it; tell hears every piece, in the pull's own thread.

    still: a JPEG a second instead of every packet. veil: every picture is painted over first, gaze: by
    where the camera's head stands.
    """

    def __init__(
        self,
        source: Source,
        tell: Tell,
        *,
        still: bool = False,
        veil: Veil | None = None,
        gaze: Gaze | None = None,
        turns: Turns = TURNS,
    ) -> None:
        self._still, self._veil, self._gaze, self._turns = still, veil, gaze, turns
        self.account = Account()
        self._source = source
        self._tell = tell
        self._stop = threading.Event()
        self._number = random.getrandbits(48)
        self._patient = False
        self._began = time.monotonic()
        self._since: float | None = None  # the last picture of this connection; None: not connected
        self._thread = threading.Thread(target=self._run, name="pull", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; it does so with the next packet, or within READ_WITHIN."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._pull()
            except Changed:
                if time.monotonic() - began > STEADY:
                    continue
            except Unsaid as error:
                if not self._patient:
                    self._patient = True
                    continue
                self._fail(error)
            except (Broken, av.error.FFmpegError, OSError, ValueError) as error:
                self._fail(self._why(error, time.monotonic() - began))
            self._since = None
            self._stop.wait(backoff.after(time.monotonic() - began))
            self._stop.wait(self._turns.take())

    @property
    def stuck(self) -> bool:
        """Whether its connection lives and shows nothing: it is to be stopped, and another begun."""
        return self._since is not None and time.monotonic() - self._since > STUCK

    def _why(self, error: Exception, took: float) -> Exception:
        """FFmpeg says of a camera that does not answer at all that its answer is no stream."""
        unanswered = self._since is None and took > OPEN_WITHIN - UNSURE
        return TimeoutError("no answer") if unanswered and kind_of(error) == "mute" else error

    def _fail(self, error: Exception) -> None:
        if self._stop.is_set():
            return
        self.account.errors += 1
        self.account.error = noted(error)
        self._tell(Piece(self._number, why=self.account.error))

    def _pull(self) -> None:
        look = PATIENT if self._patient else QUICK
        options = {**OPTIONS, **look, "rtsp_transport": self._source.transport}
        # FFmpeg's own limit of its socket: PyAV's takes the interpreter's lock at each look at the
        # socket, some forty times a picture, which is a sixth of what a stream costs.
        options["timeout"] = str(round(READ_WITHIN * 1e6))
        with av.open(self._source.url, options=options, timeout=(OPEN_WITHIN, None)) as camera:
            stream = next(iter(camera.streams.video), None)
            if stream is None:
                raise Broken("the camera offers no picture", kind="no-picture")
            made = Fragments(stream)
            self._number += 1
            self._note(stream)
            self._since = time.monotonic()
            packets = self._counted(camera.demux(stream))
            if self._veil is not None:
                self._pass(stream, self._veil, packets)
            else:
                stills = Stills(stream) if self._still else None
                scale = scale_of(stream)
                for packet in packets:
                    self._take(made, stills, packet, scale)
        if not self._stop.is_set():
            raise Broken("the camera ended the stream", kind="ended")

    def _counted(self, packets: Iterator[Any]) -> Iterator[Any]:
        """Those that are whole, until this pull ends."""
        for packet in packets:
            if self._stop.is_set():
                return
            self._since = time.monotonic()
            if packet.is_corrupt:
                self.account.error = note("packets", "broken packets")
            elif packet.size:
                self.account.packets += 1
                self.account.bytes += packet.size
                self.account.last = time.time()
                if self.account.first is None:
                    self.account.first = time.monotonic() - self._began
                yield packet

    def _pass(self, stream: Any, veil: Veil, packets: Iterator[Any]) -> None:
        passing = Passing(
            stream, veil, self._number, still=self._still, slots=SLOTS, gaze=self._gaze
        )
        try:
            for packet in packets:
                for piece in passing.take(packet):
                    self.account.error = ""
                    self._tell(piece)
        finally:
            passing.close()

    def _note(self, stream: Any) -> None:
        self.account.codec = stream.codec_context.name
        self.account.width = stream.codec_context.width
        self.account.height = stream.codec_context.height

    def _take(self, made: Fragments, stills: Stills | None, packet: Any, scale: float) -> None:
        key = packet.is_keyframe
        if stills is not None:
            if key and (picture := stills.take(bytes(packet), key)):
                self.account.error = ""
                self._tell(Piece(self._number, True, STILL_MIME, b"", picture))
            return
        fragment = made.take(memoryview(packet), *stamps(packet, scale), key)
        if not fragment:
            return
        self.account.error = ""
        if key:
            self._tell(Piece(self._number, True, made.mime, made.init, fragment))
        else:
            self._tell(Piece(self._number, data=fragment))


def scale_of(stream: Any) -> float:
    """From the stream's clock to TIMESCALE; asked for once, for PyAV makes a fraction of it each time."""
    return float(stream.time_base * TIMESCALE)


def stamps(packet: Any, scale: float) -> tuple[int | None, int]:
    """When the packet is decoded, in TIMESCALE of the camera's clock, and how long after it is shown."""
    shown, decoded = packet.pts, packet.dts
    if shown is None:
        shown = decoded
    if decoded is None:
        decoded = shown
    if decoded is None or shown is None:
        return None, 0
    offset = round((shown - decoded) * scale)
    return round(decoded * scale), offset if 0 <= offset < 2 * TIMESCALE else 0
