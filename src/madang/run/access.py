"""The access matrix: every page, API operation and live topic, and which roles it opens to.

Read from the code itself: the gates leave their right on each view, the rules say who has it. The
committed table is docs/systems/access.csv; `python -m madang.run.access` renews it, and a test fails
while it differs or while anything is reachable that no gate marks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.views.generic import RedirectView

PUBLIC, OWN, UNMARKED = "public", "own", "UNMARKED"
DEVICE = "device"  # guarded by a device's own credential; no role of people opens it
# Rooms below people cannot import its gates; what they serve is for everybody by their nature.
BELOW_PEOPLE = ("madang.ground.city.", "madang.ground.trail.", "madang.ground.web.")
# allauth's pages guard themselves: these are for whoever is not signed in (yet), the others for one's own.
BEFORE_SIGNING_IN = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "socialaccount_signup",
}
OF_THE_API = {"openapi-json", "api-root"}
TABLE = "docs/systems/access.csv"


@dataclass(frozen=True, order=True)
class Row:
    """One thing that can be reached. right is public, own, device, or the name of a declared right."""

    surface: str
    address: str
    methods: str
    right: str

    def opens_to(self, role: str) -> bool:
        """Whether somebody who is only this role (visitor, signed_in, steward too) may."""
        from madang.ground.people.matrix import NOBODY, may_by_role

        if self.right == PUBLIC:
            return True
        if self.right == OWN:
            return role != NOBODY
        if self.right == DEVICE:
            return False
        return may_by_role(role, self.right)


def rows() -> list[Row]:
    """Everything that can be reached."""
    return sorted({*_pages(), *_operations(), *_topics()})


def table() -> str:
    """The matrix as CSV: a line a row, the roles it opens to in the last column."""
    from madang.ground.people.matrix import ANYBODY, NOBODY, all_keys

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["surface", "methods", "address", "right", "opens to"])
    for row in rows():
        keys = [key for key in all_keys() if row.opens_to(key)]
        who = "everybody" if NOBODY in keys else " ".join(keys)
        if row.right == DEVICE:
            who = "gateways with their credential"
        if ANYBODY in keys and NOBODY not in keys:
            who = "everybody signed in"
        writer.writerow([row.surface, row.methods, row.address, row.right, who])
    return text.getvalue()


def example(address: str, city: str) -> str:
    """An address that fits a row's pattern in a city; what it names is not there."""
    words = {"city": city, "uuid": "00000000-0000-7000-8000-000000000000", "int": "1"}

    def word(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        return words.get(name) or words.get(kind.removesuffix("str")) or "x"

    plain = re.sub(r"\(\?P<\w+>[^)]*\)", "x", address).replace("^", "").replace("$", "")
    return "/" + re.sub(r"[<{]([\w:]+)[>}]", word, plain)


def _pages() -> Iterator[Row]:
    from django.urls import get_resolver

    for address, name, view in _views(get_resolver()):
        if not address.startswith("api/v1/") or name in OF_THE_API:
            yield Row("page", address, "any", _right_of_view(name, view))


def _views(resolver: Any, before: str = "") -> Iterator[tuple[str, str, Any]]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern, address)
        else:
            yield address, pattern.name or "", pattern.callback


def _right_of_view(name: str, view: Any) -> str:
    right = getattr(view, "right", None)
    if right is not None:
        return str(right)
    if getattr(view, "view_class", None) is RedirectView:
        return PUBLIC  # shows nothing itself
    module = str(getattr(view, "__module__", ""))
    if module.startswith("allauth."):
        return PUBLIC if name in BEFORE_SIGNING_IN else OWN
    return PUBLIC if module.startswith(BELOW_PEOPLE) or name in OF_THE_API else UNMARKED


def _operations() -> Iterator[Row]:
    from madang.run.api import api

    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                address = re.sub("//+", "/", f"api/v1/{prefix}{path}")
                methods = " ".join(operation.methods)
                yield Row("operation", address, methods, _right_of_operation(operation))


def _right_of_operation(operation: Any) -> str:
    rights = [getattr(auth, "right", None) for auth in operation.auth_callbacks or ()]
    if rights:
        return str(rights[0] or UNMARKED)
    module = str(operation.view_func.__module__)
    return PUBLIC if module.startswith(BELOW_PEOPLE) else UNMARKED


def _topics() -> Iterable[Row]:
    from madang.ground.people.rights import rights

    for right in rights():
        if right.name.startswith("live."):
            yield Row("topic", right.name.removeprefix("live."), "follow", right.name)


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.run.django_settings")
    import django

    django.setup()
    Path(TABLE).write_text(table(), encoding="utf-8")
