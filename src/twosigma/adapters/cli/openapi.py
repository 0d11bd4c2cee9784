"""`twosigma openapi`"""

import click

from twosigma.adapters.cli.program import Program


@click.command()
@click.pass_obj
def openapi(program: Program) -> None:
    """Print the API's schema (OpenAPI, JSON)."""
    click.echo(program.schema().decode())
