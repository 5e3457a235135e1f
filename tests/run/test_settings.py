"""Settings come in layers, and a wrong one is explained: which, from where, what is wanted."""

from pathlib import Path

import pytest

from fixtures.nats import TestNats
from madang.run import configuration, settings
from madang.run.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADANG_HOME", str(tmp_path))
    settings.settings.cache_clear()
    monkeypatch.setattr(settings, "settings", settings.settings.__wrapped__)
    return tmp_path


def read() -> Settings:
    return settings.settings()


def test_the_layers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (read().port, settings.source("port")) == (8000, "default")
    (home / "madang.toml").write_text("port = 8001")
    assert (read().port, settings.source("port")) == (8001, str(home / "madang.toml"))
    monkeypatch.setenv("MADANG_PORT", "8002")
    assert (read().port, settings.source("port")) == (8002, "MADANG_PORT")
    settings.set_from_words(("port=8003",))
    assert read().port == 8003


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "MADANG_PORT",
            "many",
            "port cannot be 'many' (from MADANG_PORT): it must be a whole number.",
        ),
        ("MADANG_DEMO", "perhaps", "demo cannot be 'perhaps' (from MADANG_DEMO)"),
        ("MADANG_PORT", "0", "greater than or equal to 1"),
        ("MADANG_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("DATABASE_URL", "mysql://me:secret@x", "must look like postgresql://"),
    ],
)
def test_a_wrong_value_is_explained(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        read()
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_every_mistake_is_said_at_once(home: Path) -> None:
    (home / "madang.toml").write_text('port = "x"\nweb_workers = 0\nprot = 9')
    with pytest.raises(SettingsError) as refused:
        read()
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert any("'prot', which is no setting. Did you mean 'port'?" in line for line in lines)


def test_a_file_that_is_no_toml_is_named(home: Path) -> None:
    (home / "madang.toml").write_text("port = ")
    with pytest.raises(SettingsError, match=r"madang\.toml is not valid TOML"):
        read()


def test_a_misspelt_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADANG_PROT", "1")
    assert settings.unknown_variables() == [
        "MADANG_PROT in the environment sets nothing. Did you mean 'port'?"
    ]


def test_an_empty_address_means_the_embedded_server(home: Path) -> None:
    (home / "madang.toml").write_text('database_url = ""\nnats_url = ""')
    assert read().database_url is None
    assert read().nats_url is None


def test_the_help_is_a_file_of_every_setting_that_can_be_read(home: Path) -> None:
    text = "\n".join(configuration.explain())
    assert all(f"\n# {name} = " in text for name in Settings.model_fields)
    uncommented = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if " = " in line and "`" not in line
    )
    (home / "madang.toml").write_text(uncommented)
    assert read() == Settings.model_validate({})


def test_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hidden@db.example/madang")
    monkeypatch.setenv("MADANG_OIDC_SECRET", "hidden")
    monkeypatch.setenv("MADANG_METRICS_TOKEN", "hidden")
    shown = "\n".join(configuration.show())
    assert "hidden" not in shown
    assert "postgresql://me:…@db.example/madang" in shown


def test_an_address_this_machine_does_not_have_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADANG_HOST", "203.0.113.9")
    assert any("no such address" in line for line in configuration.mistakes())


def test_servers_that_do_not_answer_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:9/x")
    monkeypatch.setenv("NATS_URL", "nats://127.0.0.1:9")
    found = "\n".join(configuration.mistakes())
    assert "database_url (from DATABASE_URL) cannot be used" in found
    assert "nats_url (from NATS_URL) cannot be used" in found
    assert "secret" not in found


def test_a_log_without_jetstream_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = TestNats(tmp_path, config='server_name: plain\nlisten: "127.0.0.1:{port}"')
    plain.start()
    monkeypatch.setenv("NATS_URL", plain.url)
    try:
        assert any("has no JetStream" in line for line in configuration.mistakes())
    finally:
        plain.stop()


def test_half_a_door_for_devices_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADANG_NATS_DEVICES_URL", "nats://gate:x@127.0.0.1:9")
    assert any("set both or neither" in line for line in configuration.mistakes())
