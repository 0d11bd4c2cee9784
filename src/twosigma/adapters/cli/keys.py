"""`twosigma keys`: the keys that stored secrets are encrypted with."""

import asyncio

import click

from twosigma.adapters.cli.program import Failed, Program
from twosigma.domain.sealing import Rotation


@click.group()
def keys() -> None:
    """Look after the encryption keys."""


@keys.command()
@click.pass_obj
def rotate(program: Program) -> None:
    """Encrypt all stored secrets anew with the first key of TWOSIGMA_ENCRYPTION_KEYS.

    May be repeated. Once it succeeds, the other keys can be taken out.
    """
    rotation = asyncio.run(_rotate(program))
    click.echo(
        f"Encrypted {rotation.resealed} secrets anew; {rotation.current} had the first key already."
    )
    if rotation.unreadable:
        raise Failed(f"cannot be read, and stay as they are: {', '.join(rotation.unreadable)}")


async def _rotate(program: Program) -> Rotation:
    async with program.opened() as opened:
        return await opened.core.credentials.rotate()
