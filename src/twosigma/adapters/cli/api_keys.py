"""`twosigma api-keys`: key pairs for programs, without signing in to make them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import click

from twosigma.adapters.cli.program import Program
from twosigma.app.api_keys import OwnedKey
from twosigma.domain.api_keys import IssuedKey


@click.group("api-keys")
def api_keys() -> None:
    """Make, list and end the key pairs by which programs act for an account."""


@api_keys.command()
@click.option("--email", required=True, help="The account it acts for: an instructor or admin.")
@click.option("--name", default="Command line", show_default=True, help="What it is for.")
@click.pass_obj
def create(program: Program, email: str, name: str) -> None:
    """Make a pair, and write it as two lines of an environment: the secret is shown this once."""
    made = asyncio.run(_issue(program, email, name))
    click.echo(f"LANGFUSE_PUBLIC_KEY={made.key.public_key}")
    click.echo(f"LANGFUSE_SECRET_KEY={made.secret_key}")


@api_keys.command("list")
@click.pass_obj
def list_(program: Program) -> None:
    """List all pairs, those that ended too: public key, owner, use and name."""
    for one in asyncio.run(_owned(program)):
        key = one.key
        used = "never used" if key.last_used_at is None else f"used {_told(key.last_used_at)}"
        state = used if key.revoked_at is None else f"ended {_told(key.revoked_at)}"
        made = _told(key.created_at)
        click.echo(f"{key.public_key}  {one.owner.email}  made {made}, {state}: {key.name!r}")


@api_keys.command()
@click.argument("public_key")
@click.pass_obj
def revoke(program: Program, public_key: str) -> None:
    """End the pair with this public key; to end it again changes nothing."""
    asyncio.run(_withdraw(program, public_key))
    click.echo(f"Ended {public_key}.")


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


async def _issue(program: Program, email: str, name: str) -> IssuedKey:
    async with program.opened() as opened:
        return await opened.core.api_keys.issue(email, name)


async def _owned(program: Program) -> Sequence[OwnedKey]:
    async with program.opened() as opened:
        return await opened.core.api_keys.owned()


async def _withdraw(program: Program, public_key: str) -> None:
    async with program.opened() as opened:
        await opened.core.api_keys.withdraw(public_key)
