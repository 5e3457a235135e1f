"""The traffic twin's computation: networks, signals, routes and the kernel. No Django, no files, no clock."""

from __future__ import annotations


def warm() -> None:
    """Compile the inner loops on the types they are used with."""
    from madang.systems.traffic.engine import kernel, routes

    kernel.warm()
    routes.warm()
