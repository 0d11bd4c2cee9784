"""`twosigma db`: migrations, copies."""

import asyncio
from pathlib import Path

import click

from twosigma.adapters.cli.program import Program

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def db() -> None:
    """Set up and look after the database."""


@db.command()
@click.option("--revision", default="head", help="The newest, if none is named.")
@click.pass_obj
def upgrade(program: Program, revision: str) -> None:
    """Create the database, or bring it up to this version."""
    program.database.upgrade(revision)
    if revision == "head":
        asyncio.run(_install(program))
    now, _ = program.database.current()
    click.echo(f"The database is at revision {now}.")


@db.command()
@click.argument("revision")
@click.pass_obj
def downgrade(program: Program, revision: str) -> None:
    """Go back to an older REVISION; `base` leaves no tables, and no data."""
    program.database.downgrade(revision)
    now, _ = program.database.current()
    click.echo(f"The database is at revision {now or 'base'}.")


@db.command()
@click.pass_obj
def current(program: Program) -> None:
    """Show which revision the database is at."""
    now, newest = program.database.current()
    if now is None:
        click.echo("The database is not set up: run twosigma db upgrade.")
    elif now == newest:
        click.echo(f"{now} (the newest)")
    else:
        click.echo(f"{now} (this version of 2Sigma wants {newest})")


@db.command()
@click.argument("file", type=_FILE)
@click.pass_obj
def backup(program: Program, file: Path) -> None:
    """Copy the database into FILE while it is in use (SQLite)."""
    program.database.back_up(file)
    click.echo(f"Copied to {file}.")


@db.command()
@click.argument("file", type=_FILE)
@click.pass_obj
def restore(program: Program, file: Path) -> None:
    """Put the copy in FILE in the place of the database (SQLite)."""
    program.database.restore(file)
    click.echo(f"Restored from {file}.")


async def _install(program: Program) -> None:
    async with program.opened() as opened:
        await opened.core.installation.install()
