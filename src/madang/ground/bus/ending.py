"""When a loop that works until it is cancelled has to end."""

from __future__ import annotations

import asyncio


def going_on() -> bool:
    """Whether nobody has asked the running task to end.

    Python 3.11's wait_for, which nats-py and psycopg stand on, forgets a cancellation that comes together
    with its answer (CPython issue 86296, mended in 3.12); the task still counts that it was asked.
    """
    task = asyncio.current_task()
    return task is None or not task.cancelling()
