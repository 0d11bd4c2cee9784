"""`twosigma import`: courses from foreign formats."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from twosigma.adapters.cli.program import Program
from twosigma.adapters.cli.progress import progress
from twosigma.app.imports import Counts, ImportReport
from twosigma.domain.imports import ImportedCourse, Skipped

_EXAMPLES = 3
_KEPT = {
    "same": "the source has it as before",
    "changed": "the source has it otherwise now",
    "gone": "the source has it no more",
}


@click.command("import")
@click.argument("format_", metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--university", default="2Sigma University", help="Where a new course belongs.")
@click.option("--draft", is_flag=True, help="Do not publish a new course.")
@click.pass_obj
def import_(program: Program, format_: str, path: Path, university: str, *, draft: bool) -> None:
    """Bring in a course, or what has changed in it since.

    FORMAT is oatutor; PATH is the course's folder, or a .tar.gz of it.
    """
    if format_ not in program.readers:
        known = ", ".join(program.readers)
        raise click.UsageError(f"no format {format_!r}; there is {known}")
    with progress("Reading") as on_progress:
        course = program.readers[format_](path, on_progress)
    report = asyncio.run(_run(program, course, university, publish=not draft))
    for line in report_lines(course, report):
        click.echo(line)


async def _run(
    program: Program, course: ImportedCourse, university: str, *, publish: bool
) -> ImportReport:
    async with program.opened() as opened:
        with progress("Storing") as on_progress:
            return await opened.core.imports.run(
                course, university, publish=publish, on_progress=on_progress
            )


def report_lines(course: ImportedCourse, report: ImportReport) -> Iterator[str]:
    """What an import did, for a person."""
    newness = "new" if report.is_new else "known already"
    yield f"{course.title}: course {report.course_id}, {newness}"
    for kind, counts in (
        ("course", report.course),
        ("modules", report.modules),
        ("items", report.items),
    ):
        yield f"  {kind:8} {_counted(counts)}"
    for kind, counts in (
        ("course", report.course),
        ("module", report.modules),
        ("item", report.items),
    ):
        for kept in counts.kept:
            yield f"  kept as edited here: {kind} {kept.row.id} ({_KEPT[kept.source]})"
    yield from _skipped_lines(report.skipped)


def _counted(counts: Counts) -> str:
    return (
        f"{counts.added} added, {counts.updated} updated, {counts.unchanged} unchanged, "
        f"{counts.archived} archived, {counts.revived} brought back, {len(counts.kept)} kept"
    )


def _skipped_lines(skipped: tuple[Skipped, ...]) -> Iterator[str]:
    reasons = Counter(one.reason for one in skipped)
    if reasons:
        yield f"  skipped  {len(skipped)}"
    for reason, count in reasons.most_common():
        yield f"    {reason}: {count}"
        examples = [one for one in skipped if one.reason == reason][:_EXAMPLES]
        for one in examples:
            yield f"      {one.external_id}: {one.detail}"
