"""The commands that take care of an installation's data."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import click

from madang.run.settings import Settings, home, settings

FilePath = click.Path(path_type=Path, dir_okay=False)
BOTH = ("postgres", "nats")


@click.command()
@click.argument("file", type=FilePath, required=False)
@click.option("--check", is_flag=True, help="only read the backup FILE whole and compare checksums")
def backup(file: Path | None, check: bool) -> None:
    """Save database, log, keys and settings in FILE, while the platform runs or not."""
    from madang.run.care import backup as care

    if check:
        return _check(file)
    target = (file or home() / "backups" / care.default_name()).absolute()
    with _servers("backup"):
        saved = care.backup(home(), settings(), target, click.echo)
    click.echo(
        f"Saved {saved.rows:,} rows and {saved.messages:,} messages in {saved.size / 1e6:,.1f} MB: "
        f"{saved.file}\nIt holds the keys of this installation: keep it as you keep them."
    )
    return None


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Bring the backup FILE back into the empty home folder that MADANG_HOME names."""
    from madang.run.care import restore as care

    care.restore(
        file.absolute(), home(), _settings_of_backup, lambda: _servers("restore"), click.echo
    )
    click.echo(f"{home()} holds what was saved; start it with: MADANG_HOME={home()} make up")


@click.command()
@click.option(
    "--old-programs",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="where the older PostgreSQL's programs are, when they are not beside the data any more",
)
@click.option("--no-backup", is_flag=True, help="do not take a backup first")
def upgrade(old_programs: Path | None, no_backup: bool) -> None:
    """Bring an installation of an earlier version to this one."""
    from madang.run.care import upgrade as care

    kept = care.newer_postgres(home(), settings(), old_programs, click.echo)
    with _servers("upgrade"):
        saved = None if no_backup else care.backup_first(home(), settings(), click.echo)
        care.tables_of_this_version(home(), settings())
    click.echo("This installation is at this version.")
    if saved:
        click.echo(f"As it was before: {saved}")
    if kept:
        click.echo(f"The data as the older PostgreSQL left them, to be removed one day: {kept}")


@click.command()
@click.argument("file", type=FilePath, required=False)
def bundle(file: Path | None) -> None:
    """Make one archive that installs and runs on a machine without a network."""
    from madang.run.care import bundle as care

    began = time.monotonic()
    target = (file or Path(care.default_name())).absolute()
    care.bundle(Path.cwd(), target, click.echo)
    click.echo(
        f"{target} ({target.stat().st_size / 1e6:,.0f} MB, {time.monotonic() - began:.0f} s)\n"
        "Unpack it on the other machine (tar -xf) and run there: make up"
    )


def _check(file: Path | None) -> None:
    import tempfile

    from madang.run.care import archive

    if file is None:
        raise click.UsageError("Name the backup to be checked.")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".check-") as folder:
        manifest = archive.unpack(file, Path(folder))
    made = datetime.fromisoformat(manifest["made"]).astimezone(UTC)
    click.echo(
        f"{file} is whole: made {made:%Y-%m-%d %H:%M} UTC by Madang {manifest['madang']}, "
        f"{sum(manifest['tables'].values()):,} rows, {sum(manifest['streams'].values()):,} messages."
    )


def _servers(what: str) -> AbstractContextManager[object]:
    from madang.run.offline import servers

    return servers(home(), settings(), what, BOTH)


def _settings_of_backup() -> Settings:
    """The settings read again, now that the backup's file of settings is in its place."""
    settings.cache_clear()
    return settings()
