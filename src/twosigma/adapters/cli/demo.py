"""`twosigma demo`: the course that comes with 2Sigma, and accounts to try it with."""

import asyncio
import os
from pathlib import Path

import click
from msgspec import Struct

from twosigma.adapters.cli.imports import report_lines
from twosigma.adapters.cli.program import Opened, Program
from twosigma.adapters.cli.progress import progress
from twosigma.app.auth import SignUp
from twosigma.domain.actor import Role
from twosigma.domain.catalog import StaffRole

UNIVERSITY = "2Sigma Demo University"
FILE = "demo-accounts.txt"


class Account(Struct, frozen=True, kw_only=True):
    """An account of the demo; `password` None: it exists, and its password is not known."""

    role: Role
    email: str
    full_name: str
    password: str | None = None

    def __repr__(self) -> str:
        return f"Account({self.role}, {self.email})"


ACCOUNTS = (
    Account(role=Role.STUDENT, email="student@demo.example", full_name="Sofia Student"),
    Account(role=Role.STUDENT, email="student2@demo.example", full_name="Sam Student"),
    Account(role=Role.INSTRUCTOR, email="instructor@demo.example", full_name="Ines Instructor"),
    Account(role=Role.PLATFORM_ADMIN, email="admin@demo.example", full_name="Ada Admin"),
)


@click.group()
def demo() -> None:
    """Try 2Sigma with a course of its own."""


@demo.command()
@click.pass_obj
def load(program: Program) -> None:
    """Load the demo course and accounts; again, it brings the course up to date."""
    for account in shown_accounts(asyncio.run(_load(program)), program.var()):
        click.echo(account)


async def _load(program: Program) -> list[Account]:
    async with program.opened() as opened:
        await opened.core.installation.install()
        return await load_demo(program, opened)


async def load_demo(
    program: Program, opened: Opened, *, course_id: int | None = None
) -> list[Account]:
    """The demo's accounts, in place in its course; a `course_id` given is not imported again."""
    if course_id is None:
        with progress("Reading the demo course") as on_progress:
            course = program.demo_course(on_progress)
        with progress("Storing the demo course") as on_progress:
            report = await opened.core.imports.run(course, UNIVERSITY, on_progress=on_progress)
        course_id = report.course_id
        for line in list(report_lines(course, report))[:4]:
            click.echo(line)
    accounts = await _make_accounts(opened, program.var() / FILE)
    await opened.demo.seat(
        course_id,
        learners=[one.email for one in accounts if one.role is Role.STUDENT],
        staff={one.email: StaffRole.OWNER for one in accounts if one.role is Role.INSTRUCTOR},
    )
    return accounts


async def _make_accounts(opened: Opened, path: Path) -> list[Account]:
    """The accounts with their passwords as the file has them; those that are missing are made,
    after their passwords have been written down."""
    kept = read_passwords(path)
    accounts: list[Account] = []
    new: list[Account] = []
    for account in ACCOUNTS:
        is_new = await opened.core.auth.check_email(account.email)
        password = kept.get(account.email) or (opened.secret() if is_new else None)
        whole = Account(
            role=account.role,
            email=account.email,
            full_name=account.full_name,
            password=password,
        )
        accounts.append(whole)
        if is_new:
            new.append(whole)
    if new:
        _write(path, [_line(one) for one in accounts if one.password is not None])
    for one in new:
        await opened.core.auth.create_user(
            SignUp(email=one.email, password=str(one.password), full_name=one.full_name), one.role
        )
    return accounts


def shown_accounts(accounts: list[Account], var: Path) -> list[str]:
    """A line for each account; where a password is lost, what to do about it."""
    lines = [_line(one) for one in accounts]
    if any(one.password is None for one in accounts):
        lines.append(
            f"The passwords marked ? were in {var / FILE}, which is gone. Put it back, or make "
            "other accounts with twosigma users create."
        )
    return lines


def read_passwords(path: Path) -> dict[str, str]:
    """Password by e-mail address, as the file of the demo's accounts has them."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    fields = [line.split() for line in lines]
    return {field[1]: field[2] for field in fields if len(field) == 3}


def _line(account: Account) -> str:
    return f"{account.role}  {account.email}  {account.password or '?'}"


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    os.replace(unfinished, path)
