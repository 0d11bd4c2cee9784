"""`twosigma chat`: meet the tutor in a terminal, through the HTTP API."""

import click

from twosigma.adapters.cli.program import Program


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True)
@click.option("--email", help="The account; the demo's student, if none is given.")
@click.option("--item", "item_id", type=click.IntRange(min=1), help="The item to begin with.")
@click.pass_obj
def chat(program: Program, url: str, email: str | None, item_id: int | None) -> None:
    """Talk with the tutor. The password is asked for, or TWOSIGMA_PASSWORD."""
    from twosigma.adapters.cli import chat_start  # noqa: PLC0415 -- its libraries are slow to load

    chat_start.start(program, url, email, item_id)
