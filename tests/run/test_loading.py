"""What Django and the rooms load at a start, before anybody asked for anything."""

from __future__ import annotations

import os
import subprocess
import sys

# each takes tenths of a second or tens of megabytes, and few processes ever need it
HEAVY = (
    *("av", "fpdf", "networkx", "numba", "openpyxl"),
    *("aiohttp", "onvif", "osmium", "pyarrow", "pyogrio", "rasterio", "scipy", "zeep"),
)
PROGRAM = """
import sys, django
django.setup()
import madang.run.urls
print(*sorted(set(sys.argv[1:]) & sys.modules.keys()))
"""


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    command = [sys.executable, "-c", PROGRAM, *HEAVY]
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "madang.run.django_settings"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
