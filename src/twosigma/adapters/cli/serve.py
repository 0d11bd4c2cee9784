"""`twosigma serve`"""

import asyncio

import click

from twosigma.adapters.cli.demo import UNIVERSITY, load_demo, shown_accounts
from twosigma.adapters.cli.program import Misused, Program


@click.command()
@click.option("--host", help="The address to serve on.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(min=1), default=1, help="Only 1 works for now.")
@click.option(
    "--demo",
    "with_demo",
    is_flag=True,
    help="First migrate, and load the demo if there is no course.",
)
@click.pass_obj
def serve(
    program: Program, host: str | None, port: int | None, workers: int, *, with_demo: bool
) -> None:
    """Serve the HTTP API."""
    if workers > 1:
        raise Misused(
            "--workers above 1 is refused: turns are not shared between processes yet, so two "
            "learners on the same path could reach two processes and cost two model calls"
        )
    accounts: list[str] = []
    if with_demo:
        program.database.upgrade("head")
        accounts = asyncio.run(_prepared(program))

    def tell(address: str) -> None:
        click.echo(f"2Sigma listens on  {address}")
        click.echo(f"Documentation      {address}/docs")
        for line in accounts:
            click.echo(line)

    program.serve(host, port, tell)


async def _prepared(program: Program) -> list[str]:
    """The demo's accounts, as lines, after loading it where there is no course."""
    async with program.opened() as opened:
        await opened.core.installation.install()
        state = await opened.demo.state(UNIVERSITY)
        if not state.is_empty and state.course_id is None:
            return []
        accounts = await load_demo(program, opened, course_id=state.course_id)
    return shown_accounts(accounts, program.var())
