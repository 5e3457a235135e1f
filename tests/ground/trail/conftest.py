from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.database import TestDatabase


@pytest.fixture
def own_django(own_database: TestDatabase, django_db_blocker: Any) -> Iterator[TestDatabase]:
    """Django on a database of the test's own, where it commits for real."""
    from django.db import connections

    one = connections["default"]
    with django_db_blocker.unblock():
        one.close()
        one.close_pool()
        before, one.settings_dict["NAME"] = one.settings_dict["NAME"], own_database.name
        try:
            yield own_database
        finally:
            one.close()
            one.close_pool()
            one.settings_dict["NAME"] = before
