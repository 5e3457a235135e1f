"""Ties between processes: a child that may not outlive its parent, a parent that inherits orphans."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 1, 15, 36

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Have the kernel send this process a signal when the thread that made it ends, however it ends.

    To be called in the child after its last change of user, which would undo it. A parent that ended
    before the call is noticed by getppid.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


def tether(number: signal.Signals) -> Callable[[], None]:
    """die_with_parent as a preexec_fn for a child of this process, in a process group of its own."""
    parent = os.getpid()

    def before_exec() -> None:
        os.setpgid(0, 0)
        die_with_parent(number, parent)

    return before_exec


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent dies, so that none is lost sight of."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def name_process(name: str) -> None:
    """The name that ps and top show, of which the kernel keeps 15 bytes."""
    if _libc is not None:
        _libc.prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def end_group(leader: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Signal what is left of the process group that a dead child led."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
