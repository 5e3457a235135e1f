"""What is split off from one loaded process must not share what should be each one's own."""

import os
from uuid import UUID

from madang.ground.ids import new_id


def test_ids_made_after_a_fork_differ() -> None:
    """Also right after the parent made one, in the same millisecond."""
    made: list[UUID] = []
    for _ in range(50):
        new_id()
        reading, writing = os.pipe()
        children = []
        for _ in range(4):
            pid = os.fork()
            if pid == 0:
                os.write(writing, b"".join(new_id().bytes for _ in range(10)))
                os._exit(0)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        data = os.read(reading, 4 * 10 * 16)
        made += [UUID(bytes=data[at : at + 16]) for at in range(0, len(data), 16)]
        os.close(reading)
        os.close(writing)
    assert len(made) == len(set(made)) == 50 * 40
