"""Before the processes start: roles and tables are brought up to date, the demo city is made once."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any

from madang.ground.duty import Duty
from madang.run import configuration
from madang.run.refusal import Refusal
from madang.run.secrets import secret
from madang.run.settings import Settings, home, settings


def main(duty: Duty) -> None:
    """The one-shot process of `madang up`; its last words are the reason when it fails."""
    del duty
    try:
        configuration.check_log(settings())
        prepare(home(), settings())
    except Refusal as refusal:
        raise SystemExit(str(refusal)) from None


def prepare(at: Path, chosen: Settings) -> None:
    """Bring the installation's data to this version, and make the demo city where it is wanted."""
    bring_up_to_date(at, chosen)
    if chosen.demo:
        _demo(at)


def bring_up_to_date(at: Path, chosen: Settings) -> None:
    """Roles and tables of this version. Raises Refusal with a sentence when that cannot be."""
    from madang.run import postgres
    from madang.run.migrate import migrate

    if not chosen.database_url:
        postgres.ensure_roles(at)
    migrate(at, chosen, say)


def say(text: str) -> None:
    print(text, flush=True)


def _demo(at: Path) -> None:
    make = _offered("madang.demo.city", "make_if_missing")
    if make is None:
        return
    city = make(say)
    if city is not None:
        _write_accounts(at, city)


def _offered(module: str, name: str) -> Any:
    """A function of a part that an installation may have been made without."""
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name not in (module, "madang.demo"):
            raise
        return None


def accounts_file(at: Path) -> Path:
    return at / "secrets" / "demo-accounts.json"


def _write_accounts(at: Path, city: Any) -> None:
    """Make the demo accounts, and keep how to sign in: checking a password again takes long by design."""
    from madang.ground.people import public, roles

    path = accounts_file(at)
    known = json.loads(path.read_text()) if path.exists() else []
    keys = [role.key for role in roles.roles()]
    if [account["role"] for account in known] == keys:
        return
    say("  demo accounts …")
    accounts = [
        {
            "role": one.role.key,
            "title": str(one.role.title),
            "email": one.email,
            "password": one.password,
        }
        for one in public.demo_accounts(city, secret(at, "demo-accounts"))
    ]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(accounts, file, ensure_ascii=False)
