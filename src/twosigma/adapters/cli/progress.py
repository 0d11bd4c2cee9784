"""How far long work is: a bar on a terminal, a few plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from twosigma.adapters.cli.program import Progress

_STEP = 25
"""Percent between two plain lines."""


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """What is to hear how much is done; it is shown on standard error."""
    if not sys.stderr.isatty():
        yield _plain(label)
        return
    from rich.console import Console  # noqa: PLC0415 -- only a terminal needs it, and it is slow
    from rich.progress import Progress as Bar  # noqa: PLC0415 -- as above

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show


def _plain(label: str) -> Progress:
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        step = _STEP * (100 * done // max(total, 1) // _STEP)
        if step > shown:
            shown = step
            click.echo(f"{label}: {step} % of {total}", err=True)

    return show
