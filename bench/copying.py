"""The peer of bench.cameras_load: streams copied into files of 30 s, nothing decoded and nothing indexed.

ffmpeg's own program, a process a camera as recorders have it (`ffmpeg -c copy -f segment`), where it is:
on the path, or in the package imageio-ffmpeg. Else the same libraries through PyAV, a thread a camera in one
process: `python -m bench.copying FOLDER ADDRESS …`.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

FILE_SECONDS = 30
MUXING = {
    "segment_time": str(FILE_SECONDS),
    "segment_format": "mp4",
    "segment_format_options": "movflags=frag_keyframe+empty_moov+default_base_moof",
    "reset_timestamps": "1",
}
ASKING = {"rtsp_transport": "tcp", "allowed_media_types": "video"}


def program() -> str | None:
    """ffmpeg's program; None where there is none."""
    if found := shutil.which("ffmpeg"):
        return found
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        return None
    return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())


def name() -> str:
    return "ffmpeg -c copy" if program() else "the same copied by PyAV, without an index"


@contextmanager
def copiers(folder: Path, addresses: list[str]) -> Iterator[list[psutil.Process]]:
    """Copy every address into a folder of its own; the processes that do."""
    for number in range(len(addresses)):
        (folder / str(number)).mkdir(parents=True)
    ffmpeg = program()
    if ffmpeg:
        commands = [_command(ffmpeg, one, folder / str(n)) for n, one in enumerate(addresses)]
    else:
        commands = [[sys.executable, "-m", "bench.copying", str(folder), *addresses]]
    running = [subprocess.Popen(one, stdin=subprocess.DEVNULL) for one in commands]
    try:
        yield [psutil.Process(one.pid) for one in running]
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(30)
        shutil.rmtree(folder)


def _command(ffmpeg: str, address: str, folder: Path) -> list[str]:
    words = [ffmpeg, "-nostdin", "-loglevel", "error"]
    for key, value in ASKING.items():
        words += [f"-{key}", value]
    words += ["-i", address, "-c", "copy", "-f", "segment"]
    for key, value in MUXING.items():
        words += [f"-{key}", value]
    return [*words, str(folder / "%05d.mp4")]


def copy(address: str, folder: Path) -> None:
    import av

    with av.open(address, options=ASKING) as camera:
        stream = camera.streams.video[0]
        with av.open(str(folder / "%05d.mp4"), "w", format="segment", options=MUXING) as out:
            kept: Any = out.add_stream_from_template(stream)
            for packet in camera.demux(stream):
                if packet.dts is not None:
                    packet.stream = kept
                    out.mux(packet)


def main() -> None:
    folder, addresses = Path(sys.argv[1]), sys.argv[2:]
    threads = [
        threading.Thread(target=copy, args=(one, folder / str(number)))
        for number, one in enumerate(addresses)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


if __name__ == "__main__":
    main()
