"""Static files: the compressed copy where the browser takes one, kept for ever where the name has a hash."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HASHED = re.compile(r"[.-][0-9A-Za-z_-]{8,12}\.\w+$")
FOR_EVER = "public, max-age=31536000, immutable"
A_MINUTE = "public, max-age=60"


def application_folders() -> list[str]:
    """The static folder of each installed application that has one."""
    return [str(storage.location) for storage in AppDirectoriesFinder().storages.values()]


class Static(StaticFiles):
    """The built front end, then the files of Django applications, where each is installed.

    `name.gz` beside `name` is what browsers that can are sent.
    """

    def __init__(self, directory: str | Path) -> None:
        super().__init__(directory=directory, check_dir=False)
        self.all_directories += application_folders()
        self.config_checked = True  # a missing folder answers 404, not 500

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await self._compressed(path, scope) or await super().get_response(path, scope)
        if response.status_code in (200, 206, 304):
            response.headers["Cache-Control"] = FOR_EVER if HASHED.search(path) else A_MINUTE
            response.headers["Vary"] = "Accept-Encoding"
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if "gzip" not in headers.get("accept-encoding", "") or "range" in headers:
            return None
        full_path, found = self.lookup_path(f"{path}.gz")
        if found is None:
            return None
        response = self.file_response(full_path, found, scope)
        if isinstance(response, FileResponse):
            response.headers["Content-Encoding"] = "gzip"
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            text = kind.startswith("text/") or kind.endswith("javascript")
            response.headers["Content-Type"] = f"{kind}; charset=utf-8" if text else kind
        return response
