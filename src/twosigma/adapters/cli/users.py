"""`twosigma users`: accounts."""

import asyncio
import sys

import click

from twosigma.adapters.cli.program import Failed, Program
from twosigma.app.auth import SignUp
from twosigma.domain.actor import Role
from twosigma.domain.users import User


@click.group()
def users() -> None:
    """Make accounts."""


@users.command()
@click.option("--email", required=True)
@click.option("--role", required=True, type=click.Choice(list(Role), case_sensitive=False))
@click.option("--full-name", help="What the e-mail address begins with, if none is given.")
@click.pass_obj
def create(program: Program, email: str, role: Role, full_name: str | None) -> None:
    """Make an account. The password comes from standard input or TWOSIGMA_PASSWORD."""
    form = SignUp(
        email=email,
        password=_password(program),
        full_name=full_name or email.partition("@")[0],
    )
    user = asyncio.run(_create(program, form, Role(role)))
    click.echo(f"Created {user.role} {user.email} (id {user.id}).")


async def _create(program: Program, form: SignUp, role: Role) -> User:
    async with program.opened() as opened:
        return await opened.core.auth.create_user(form, role)


def _password(program: Program) -> str:
    given = program.password()
    if given is not None:
        return given
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Failed("no password: give it on standard input or as TWOSIGMA_PASSWORD")
    return line
