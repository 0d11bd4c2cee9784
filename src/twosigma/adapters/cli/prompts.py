"""`twosigma prompts`: prompts as a folder of files, to be kept and compared elsewhere, and those
of a Langfuse."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from twosigma.adapters.cli.program import Failed, Program
from twosigma.adapters.cli.progress import progress
from twosigma.adapters.cli.prompt_folder import read_folder, write_folder
from twosigma.app.prompts_port import Ported
from twosigma.domain.errors import Invalid, Loc
from twosigma.domain.prompt_files import PromptFile

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@click.group()
def prompts() -> None:
    """Write prompts as files, and bring them in from there or from a Langfuse."""


@prompts.command()
@_FOLDER
@click.option("--current", is_flag=True, help="Only what bears a label, and what that refers to.")
@click.pass_obj
def export(program: Program, folder: Path, *, current: bool) -> None:
    """Write every version of every prompt into DIR, which is new or empty.

    Each is a file named by its number in a folder named by its prompt: fields, then the text.
    """
    files = asyncio.run(_dump(program, only_current=current))
    write_folder(folder, files)
    click.echo(f"Wrote {len(files)} versions into {folder}.")


@prompts.command("import")
@_FOLDER
@_DRY_RUN
@click.pass_obj
def import_(program: Program, folder: Path, *, dry_run: bool) -> None:
    """Add the versions that the .md files in DIR hold, all or none; a README.md is not read.

    What a version says that is here already is left as it is, with its labels and tags.
    """
    files = read_folder(folder)
    with _faults(lambda loc: f"{loc[0]}:{loc[1]}"):
        report = asyncio.run(_load(program, files, is_rehearsal=dry_run))
    _tell(report, is_rehearsal=dry_run)


@prompts.command()
@click.option("--from", "url", metavar="URL", help="Its address; else LANGFUSE_BASE_URL.")
@click.option("--current", is_flag=True, help="Only what bears a label, and what that refers to.")
@_DRY_RUN
@click.pass_obj
def pull(program: Program, url: str | None, *, current: bool, dry_run: bool) -> None:
    """Add the prompts of a running Langfuse, all versions or none, by its public API.

    Its keys come from LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY. What a version says that is
    here already is left as it is, with its labels and tags.
    """
    with _faults(_of_version):
        report = asyncio.run(_pull(program, url, only_current=current, is_rehearsal=dry_run))
    _tell(report, is_rehearsal=dry_run)


def _of_version(loc: Loc) -> str:
    source, *field = loc
    return f"{source}: {'.'.join(map(str, field))}" if field else str(source)


@contextmanager
def _faults(place: Callable[[Loc], str]) -> Iterator[None]:
    """Tell every fault on a line that begins with its place; raises Failed."""
    try:
        yield
    except Invalid as refused:
        for fault in refused.faults:
            click.echo(f"{place(fault.loc)}: {fault.msg}", err=True)
        raise Failed(f"nothing was imported: faults: {len(refused.faults)}") from refused


def _tell(report: Sequence[Ported], *, is_rehearsal: bool) -> None:
    for one in report:
        click.echo(f"{one.source}: {_told(one)}")
    added = sum(one.is_new for one in report)
    verb = "Would add" if is_rehearsal else "Added"
    click.echo(f"{verb} {added} versions; {len(report) - added} were here already.")


def _told(one: Ported) -> str:
    state = "new" if one.is_new else "here already"
    return f"{one.name} version {one.version}, {state}"


async def _dump(program: Program, *, only_current: bool) -> Sequence[PromptFile]:
    async with program.opened() as opened:
        return await opened.core.prompts_port.dump(only_current=only_current)


async def _load(
    program: Program, files: Sequence[PromptFile], *, is_rehearsal: bool
) -> Sequence[Ported]:
    async with program.opened() as opened:
        return await opened.core.prompts_port.load(files, is_rehearsal=is_rehearsal)


async def _pull(
    program: Program, url: str | None, *, only_current: bool, is_rehearsal: bool
) -> Sequence[Ported]:
    async with program.opened() as opened, program.langfuse(url) as source:
        with progress("Reading") as on_progress:
            return await opened.core.prompts_port.pull(
                source, on_progress, only_current=only_current, is_rehearsal=is_rehearsal
            )
