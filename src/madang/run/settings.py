"""How one installation is set up: defaults, then a TOML file, then the environment, then words."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from madang.run.refusal import Refusal

PREFIX = "MADANG_"
EXAMPLES = {
    "public_url": "https://madang.example",
    "database_url": "postgresql://user:password@host:5432/database",
    "database_owner_url": "postgresql://user:password@host:5432/database",
    "nats_url": "nats://user:password@host:4222",
    "mail_server": "smtp://user:password@mail.city.example:587",
    "oidc_server": "https://login.city.example/realms/city",
}
WANTED = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "bool_parsing": "true or false",
}
KNOWN_TO_OTHERS = ("HOME", "WEB_SOCKET", "READY", "NURSERY", "PASSWORD")


class SettingsError(Refusal):
    """One or more settings cannot be used; the message has a line for each."""


def home() -> Path:
    """The folder of everything this installation keeps; named by MADANG_HOME, else ./var."""
    return Path(os.environ.get("MADANG_HOME") or "var").absolute()


def file() -> Path:
    """The TOML file of settings; it need not be there."""
    return home() / "madang.toml"


def _also(name: str) -> AliasChoices:
    """A setting that other software knows by this name in the environment too."""
    return AliasChoices(f"{PREFIX}{name.upper()}", name.upper(), name)


class Settings(BaseSettings):
    """Every setting, its type, its default and its help; `madang config help` prints them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", populate_by_name=True
    )

    host: str = Field("127.0.0.1", description="address the web server listens on")
    port: int = Field(8000, ge=1, le=65535, description="first port tried for the web server")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+/?$",
        description="address people use, when behind a proxy: https://madang.example",
    )
    web_workers: int = Field(2, ge=1, le=64, description="web processes")
    job_workers: int = Field(1, ge=1, le=64, description="job processes")
    database_url: str | None = Field(
        None,
        validation_alias=_also("database_url"),
        pattern=r"^postgres(ql)?://",
        description="PostgreSQL 15 or newer, as the application's role; empty: the embedded one",
    )
    database_owner_url: str | None = Field(
        None,
        validation_alias=_also("database_owner_url"),
        pattern=r"^postgres(ql)?://",
        description="the same database as the role that owns the tables; needed with database_url",
    )
    nats_url: str | None = Field(
        None,
        validation_alias=_also("nats_url"),
        pattern=r"^(nats|tls|wss?)://",
        description="NATS 2.12 or newer with JetStream; empty: the embedded one",
    )
    nats_devices_url: str | None = Field(
        None,
        pattern=r"^(nats|tls|wss?)://",
        description="NATS that devices come to, as the gate; empty: the embedded one on this machine",
    )
    nats_system_url: str | None = Field(
        None,
        pattern=r"^(nats|tls|wss?)://",
        description="the same as a user of its system account; needed with nats_devices_url",
    )
    nats_log: Path | None = Field(
        None, description="that NATS's log file, if it is on this machine: what it denied is there"
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses whose X-Forwarded headers are believed, with commas"
    )
    oidc_server: str | None = Field(
        None,
        pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[^\s]*$",
        description="the city's own sign-in (OpenID Connect): its issuer's address; empty: none",
    )
    oidc_client: str = Field("madang", description="how that sign-in calls this installation")
    oidc_secret: str | None = Field(None, description="the secret between the two")
    oidc_name: str = Field("OpenID Connect", description="what the button on the sign-in page says")
    mail_server: str | None = Field(
        None,
        pattern=r"^smtps?://[^\s]+$",
        description="where letters go out; smtps:// is TLS from the start, smtp:// STARTTLS",
    )
    mail_from: str = Field("madang@localhost", description="who letters are from")
    metrics_token: str | None = Field(
        None, description="bearer token for /metrics; empty: only this machine may read it"
    )
    session_idle_minutes: int = Field(
        120, ge=5, le=720, description="minutes without a touch that end a session off duty"
    )
    api_rate: float = Field(
        100, ge=0, description="requests a second of one client that a web process answers; 0: all"
    )
    largest_upload_mb: int = Field(
        4096, ge=1, description="what somebody signed in may send in one request"
    )
    least_free_mb: int = Field(
        300, ge=0, description="free disk space without which it won't start"
    )
    trail_origin: str = Field(
        "madang",
        pattern=r"^[^\s+]+$",
        description="name of this installation's trail in its signed heads: trail.suwon.example",
    )
    trail_signer: Literal["ed25519", "ecdsa-p256"] = Field(
        "ed25519", description="how the trail's heads are signed"
    )
    trail_personal_days: int = Field(
        1096, ge=366, description="days after which names and reasons in the trail are destroyed"
    )
    footage_folder: Path | None = Field(
        None, description="folder of recorded video; empty: footage/ in the home folder"
    )
    footage_gb: float = Field(
        0,
        ge=0,
        description="GB that recorded video may take, then the oldest goes; 0: what is free",
    )
    footage_least_free_mb: int = Field(
        2048, ge=0, description="free disk space below which the oldest recorded video goes"
    )
    footage_seconds: float = Field(
        30, ge=1, le=600, description="how long a file of recorded video is"
    )
    exports_folder: Path | None = Field(
        None, description="folder of packages of footage; empty: exports/ in the home folder"
    )
    masked_streams: int = Field(
        4,
        ge=0,
        le=64,
        description="masked pictures an intake encodes at once; more are a picture a second",
    )
    demo: bool = Field(True, description="make the demo city on the first start")
    traffic_levels: Path | None = Field(
        None,
        description="TOML file of levels of service by control delay, dated, in place of KHCM's",
    )
    traffic_windows: int = Field(
        3, ge=0, le=32, description="microscopic windows of traffic that may be open at once"
    )
    demo_scenario: Path | None = Field(
        None, description="TOML file of what happens in the demo city: rain, calls, floods"
    )
    demo_footage: Path | None = Field(
        None,
        description="folder of H.264 clips (mp4) that the demo's cameras show instead of drawing",
    )
    demo_recorded: int = Field(
        2, ge=0, le=16, description="cameras of a new demo city that are recorded all the time"
    )
    demo_hours_back: float = Field(
        0, ge=0, le=160, description="hours before now at which the demo's world begins"
    )
    demo_rate: float = Field(
        60, ge=1, le=600, description="how fast the demo's world catches up with the present"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least severe lines that are logged"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object, about: ValidationInfo) -> object:
        """A setting that need not be given is not given when it is empty."""
        optional = cls.model_fields[about.field_name or ""].default is None
        return None if optional and value == "" else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file())


@cache
def settings() -> Settings:
    """The settings of this process, read once. Raises SettingsError with a line for each mistake."""
    try:
        return Settings()  # type: ignore[call-arg]
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file()} is not valid TOML: {error}.") from error
    except ValidationError as error:
        lines = [_explain(one) for one in error.errors()]
        raise SettingsError("\n".join(lines)) from error


def set_from_words(words: tuple[str, ...]) -> None:
    """Take NAME=VALUE words of the command line; they go before the environment, also in children."""
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in Settings.model_fields:
            raise SettingsError(f"'{word}' sets nothing. {_known(name)}")
        os.environ[f"{PREFIX}{name.upper()}"] = value


def names_in_environment(name: str) -> list[str]:
    """The variables that may set this setting, the one that counts first."""
    alias = Settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices if str(choice).isupper()]
    return [f"{PREFIX}{name.upper()}"]


def source(name: str) -> str:
    """Where the value of a setting comes from, in words."""
    for variable in names_in_environment(name):
        if variable in os.environ:
            return variable
    return str(file()) if name in _in_file() else "default"


def unknown_variables() -> list[str]:
    """Sentences about variables that look like settings and are none."""
    known = {f"{PREFIX}{name}" for name in KNOWN_TO_OTHERS}
    for name in Settings.model_fields:
        known.update(names_in_environment(name))
    strangers = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    return [
        f"{name} in the environment sets nothing. {_known(name.removeprefix(PREFIX).lower())}"
        for name in strangers
    ]


def _in_file() -> dict[str, Any]:
    try:
        return tomllib.loads(file().read_text())
    except (OSError, tomllib.TOMLDecodeError):
        return {}


def _explain(error: Any) -> str:
    """One mistake as a sentence: which setting, from where, what is wrong with it."""
    said = str(error["loc"][0]) if error["loc"] else ""
    name = said.removeprefix(PREFIX).lower()
    if error["type"] == "extra_forbidden":
        return f"{file()} has '{said}', which is no setting. {_known(said)}"
    where = source(name) if name in Settings.model_fields else said
    return (
        f"{name} cannot be {_shown(name, error['input'])} (from {where}): {_wanted(name, error)}."
    )


def _wanted(name: str, error: Any) -> str:
    if error["type"] == "string_pattern_mismatch":
        return f"it must look like {EXAMPLES[name]}"
    if error["type"] in WANTED:
        return f"it must be {WANTED[error['type']]}"
    words: str = error["msg"]
    return words.replace("Input should", "it must")


def _shown(name: str, value: object) -> str:
    """A value as it may be printed: an address may carry a password."""
    return "that address" if name.endswith("url") else repr(value)


def _known(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, Settings.model_fields, n=1)
    return f"Did you mean '{near[0]}'?" if near else "See: madang config help"
