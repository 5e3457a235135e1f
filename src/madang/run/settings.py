"""How one installation is set up: defaults, then a TOML file, then the environment, then words."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def home() -> Path:
    """The folder of everything this installation keeps; named by MADANG_HOME, else ./var."""
    return Path(os.environ.get("MADANG_HOME") or "var").absolute()


class Settings(BaseSettings):
    """Every setting, its type, its default and its help; `madang config show` prints them."""

    model_config = SettingsConfigDict(env_prefix="MADANG_", extra="forbid", populate_by_name=True)

    host: str = Field("127.0.0.1", description="address the web server listens on")
    port: int = Field(8000, ge=1, le=65535, description="first port tried for the web server")
    public_url: str | None = Field(None, description="address people use, when behind a proxy")
    web_workers: int = Field(2, ge=1, le=64, description="web processes")
    job_workers: int = Field(1, ge=1, le=64, description="job processes")
    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("database_url", "DATABASE_URL", "MADANG_DATABASE_URL"),
        description="PostgreSQL 15 or newer, as the application's role; empty: the embedded one",
    )
    database_owner_url: str | None = Field(
        None,
        validation_alias=AliasChoices(
            "database_owner_url", "DATABASE_OWNER_URL", "MADANG_DATABASE_OWNER_URL"
        ),
        description="the same database as the role that owns the tables; needed with database_url",
    )
    nats_url: str | None = Field(
        None,
        validation_alias=AliasChoices("nats_url", "NATS_URL", "MADANG_NATS_URL"),
        description="NATS 2.12 or newer with JetStream; empty: the embedded one",
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses whose X-Forwarded headers are believed, with commas"
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
    demo: bool = Field(True, description="make the demo city on the first start")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info")

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
        file = TomlConfigSettingsSource(settings_cls, home() / "madang.toml")
        return init_settings, env_settings, file


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()  # type: ignore[call-arg]
