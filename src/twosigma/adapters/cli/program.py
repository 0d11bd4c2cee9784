"""What the command line needs from the program around it, handed in by `main`."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from msgspec import Struct

from twosigma.app.core import TwoSigma
from twosigma.app.demo import Demo
from twosigma.domain.imports import ImportedCourse
from twosigma.ports.prompt_sources import PromptSource

Progress = Callable[[int, int], None]
"""Hears how much is done, and how much there is."""


class Failed(Exception):
    """The command cannot do it; one line for the person who gave it."""

    exit_code = 1


class Misused(Failed):
    """It was asked in a way that cannot be done at all (a wrong setting, say)."""

    exit_code = 2


class Opened(Struct, frozen=True, kw_only=True):
    """The use cases over an open database."""

    core: TwoSigma
    demo: Demo
    secret: Callable[[], str]


class Database(Struct, frozen=True, kw_only=True):
    """Upkeep of the database. `current` gives its revision (None: none) and the newest one."""

    upgrade: Callable[[str], None]
    downgrade: Callable[[str], None]
    current: Callable[[], tuple[str | None, str]]
    back_up: Callable[[Path], None]
    restore: Callable[[Path], None]


class Program(Struct, frozen=True, kw_only=True):
    """Each may raise Failed or a DomainError; nothing is read or opened before it is called.

    `serve` takes host and port (None: as set) and what to do, with the address, when it is
    ready. `readers`: a course's reader for each import format. `var`: the folder of 2Sigma's own
    files. `password`: the one given apart from settings and arguments. `langfuse`: the one at this
    address (None: at the one of the environment), with the environment's keys.
    """

    opened: Callable[[], AbstractAsyncContextManager[Opened]]
    database: Database
    serve: Callable[[str | None, int | None, Callable[[str], None]], None]
    readers: Mapping[str, Callable[[Path, Progress], ImportedCourse]]
    demo_course: Callable[[Progress], ImportedCourse]
    schema: Callable[[], bytes]
    var: Callable[[], Path]
    prune_days: Callable[[], int]
    password: Callable[[], str | None]
    langfuse: Callable[[str | None], AbstractAsyncContextManager[PromptSource]]
