"""What is split off from one loaded process must not share what should be each one's own."""

import os
from uuid import UUID

import pytest
from django.template import engines
from django.test import Client

from madang.ground.ids import new_id
from madang.run import nursery


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


@pytest.mark.django_db
def test_the_first_page_finds_its_templates_compiled(client: Client) -> None:
    """Each web process would compile them again while somebody waits for the page."""
    [loader] = engines["django"].engine.template_loaders  # type: ignore[attr-defined]
    loader.reset()
    nursery._make_ready_for_pages()
    ready = set(loader.get_template_cache)
    assert client.get("/account/login/").status_code == 200
    later = set(loader.get_template_cache) - ready
    assert not [name for name in later if name.startswith("web/")]
