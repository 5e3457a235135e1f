"""The nursery: one process with Django and every room loaded, from which the others are split off.

Loading takes seconds of processor time and a hundred megabytes; a fork takes milliseconds and shares
that memory. The supervisor asks over a socket pair; each message is one JSON object:

    asked:     {"name": "web", "number": 1} and three files: stdout, stderr, the pipe for "ready"
    answered:  {"loaded": true} once, {"born": pid} in the order asked, {"ended": pid, "code": n}
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from madang.run.tether import die_with_parent, name_process, tether

CHANNEL = "MADANG_NURSERY"  # the number of the nursery's end of the socket pair
LONGEST_MESSAGE = 4096
# What a person sees first is made of these; each is compiled once, for all processes.
FIRST_TEMPLATES = (
    *(f"web/{name}.html" for name in ("bare", "base", "city", "mark", "table", "tools")),
    "account/base_entrance.html",
    "account/login.html",
    "city/home.html",
)

Work = Callable[[], None]


def main() -> None:
    """Load everything, then split off processes until the supervisor hangs up."""
    work = Nursery(socket.socket(fileno=int(os.environ.pop(CHANNEL)))).run()
    work()


class Nursery:
    """The side that forks. Single-threaded, without connections, so that a fork copies nothing live."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.children: set[int] = set()
        self.wake_read, self.wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.over = False

    def run(self) -> Work:
        """Serve; returns in the nursery when it is over, and in each child with the child's work."""
        name_process("madang nursery")
        _load()  # SIGTERM ends it here at once
        signal.signal(signal.SIGTERM, self._hang_up)
        self._tell({"loaded": True})
        while not self.over:
            readable, _, _ = select.select([self.channel.fileno(), self.wake_read], [], [])
            if self.wake_read in readable:
                self._reap()
            if self.channel.fileno() in readable and (work := self._answer()):
                return work
        self._end_children()
        return lambda: None

    def _answer(self) -> Work | None:
        message, files, _, _ = socket.recv_fds(self.channel, LONGEST_MESSAGE, 3)
        if not message:
            self.over = True
            return None
        request = json.loads(message)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            return self._become(request, files, parent)
        for number in files:
            os.close(number)
        self.children.add(pid)
        self._tell({"born": pid})
        return None

    def _become(self, request: dict[str, Any], files: list[int], parent: int) -> Work:
        """In the child: leave the nursery's things and take on one's own."""
        from madang.run import one, processes

        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)
        die_with_parent(signal.SIGTERM, parent)
        self.channel.close()
        os.close(self.wake_read)
        os.close(self.wake_write)
        out, err, ready = files
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        os.environ[one.READY] = str(ready)
        line = processes.process(request["name"])
        name_process(f"madang {line.name} {request['number'] or ''}".strip())
        return lambda: one.run(line, request["number"])

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.wake_read, 1024):
                pass
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                self.children.discard(pid)
                self._tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})

    def _end_children(self) -> None:
        """The supervisor is gone: ask each child to end; each ends itself when that takes too long."""
        for pid in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.channel.send(json.dumps(message).encode())

    def _hang_up(self, *_: object) -> None:
        self.over = True


def _load() -> None:
    """Import what every process needs, and put it where the garbage collector does not touch it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.run.django_settings")
    import django

    django.setup()
    import madang.run.asgi
    import madang.run.web  # noqa: F401

    _make_ready_for_pages()
    gc.collect()
    gc.freeze()


def _make_ready_for_pages() -> None:
    """What the first page of each process would do else: catalogues, addresses, the shell's templates."""
    from django.conf import settings
    from django.template.loader import get_template
    from django.urls import reverse
    from django.utils import translation

    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("")
            reverse(settings.LOGIN_URL)
    for name in FIRST_TEMPLATES:
        get_template(name)


class Link:
    """The supervisor's side: starts the nursery and asks it for processes."""

    def __init__(self, on_end: Callable[[int, int], None], on_loaded: Callable[[], None]) -> None:
        self.children: set[int] = set()
        self._on_end = on_end
        self._on_loaded = on_loaded
        self._births: deque[asyncio.Future[int]] = deque()
        self._channel: socket.socket | None = None

    def start(self, log: int, inherit: tuple[int, ...]) -> subprocess.Popen[bytes]:
        """Start the nursery process; to be called in the main thread of the running loop."""
        self.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "madang", "nursery"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, CHANNEL: str(theirs.fileno())},
                pass_fds=(theirs.fileno(), *inherit),
                preexec_fn=tether(signal.SIGTERM),
            )
        ours.setblocking(False)
        self._channel = ours
        asyncio.get_running_loop().add_reader(ours, self._listen)
        return process

    async def bear(self, name: str, number: int, files: list[int]) -> int:
        """Have a process split off; its number."""
        if self._channel is None:
            raise ConnectionError("the nursery is not there")
        birth: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        request = json.dumps({"name": name, "number": number}).encode()
        try:
            socket.send_fds(self._channel, [request], files)
        except OSError as error:
            raise ConnectionError("the nursery has gone") from error
        self._births.append(birth)
        return await birth

    def close(self) -> None:
        """Hang up: the nursery ends its children and itself."""
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
            self._channel = None
        for birth in self._births:
            if not birth.done():
                birth.set_exception(ConnectionError("the nursery has gone"))
        self._births.clear()

    def _listen(self) -> None:
        assert self._channel is not None
        try:
            message = self._channel.recv(LONGEST_MESSAGE)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if message:
            self._hear(json.loads(message))
        else:
            self.close()

    def _hear(self, said: dict[str, Any]) -> None:
        if "born" in said:
            self.children.add(said["born"])
            birth = self._births.popleft()
            if not birth.done():
                birth.set_result(said["born"])
        elif "ended" in said:
            self.children.discard(said["ended"])
            self._on_end(said["ended"], said["code"])
        else:
            self._on_loaded()
