"""`python -m bench [NAME …]`: run the scripts of this folder, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PARTS = {
    "__init__",
    "__main__",
    "report",
    "installation",
    "bare_page",
    "bare_fanout",
    "looping",
    "copying",
    "osm_file",
    "city_of_scale",
    "climate_files",
    "climate_invest",
    "wrong_clock",
    "large_files",
    "postgis",
    "file_of_size",
    "traffic_city",
    "traffic_models",
    "traffic_scores",
    "traffic_sumo",
}  # what the scripts share


def main() -> None:
    known = sorted({path.stem for path in FOLDER.glob("*.py")} - PARTS)
    names = sys.argv[1:] or known
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(
            f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(known)}"
        )
    failed = [name for name in names if subprocess.call([sys.executable, "-m", f"bench.{name}"])]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


main()
