"""The composition root: use cases (`wiring`) → the HTTP service or the command line.

What a command needs is imported when it runs, so that the others, and `--help`, start at once.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path

import msgspec
from msgspec import structs

from twosigma.adapters.cli.commands import run
from twosigma.adapters.cli.program import Database, Failed, Misused, Opened, Program, Progress
from twosigma.app.core import TwoSigma
from twosigma.app.demo import Demo
from twosigma.domain.errors import Unavailable
from twosigma.domain.imports import ImportedCourse
from twosigma.ports.prompt_sources import PromptSource
from twosigma.settings import Settings, SettingsError, langfuse, load, password
from twosigma.wiring import build, make_app, open_ports, policy

PRUNE_MARK = "cache-prune.lock"

_log = logging.getLogger(__name__)


def main() -> None:
    """The command `twosigma`."""
    sys.exit(run(_program(), sys.argv[1:]))


@cache
def _settings() -> Settings:
    """The process's settings, read once; its log is set up by them."""
    from twosigma.adapters.system.logs import configure

    try:
        settings = load()
    except SettingsError as wrong:
        raise Misused(str(wrong)) from None
    configure(settings.log_format, settings.log_level)
    return settings


def _program() -> Program:
    return Program(
        opened=_opened,
        database=Database(
            upgrade=partial(_migrate, is_upgrade=True),
            downgrade=partial(_migrate, is_upgrade=False),
            current=lambda: _current_of(_settings()),
            back_up=_back_up,
            restore=_restore,
        ),
        serve=_serve,
        readers={"oatutor": _read_oatutor},
        demo_course=_demo_course,
        schema=_schema,
        var=lambda: _settings().var,
        prune_days=lambda: _settings().cache_prune_days,
        password=password,
        langfuse=_langfuse,
    )


@asynccontextmanager
async def _opened() -> AsyncIterator[Opened]:
    """For a command: refuses at once a database that is away or not set up."""
    settings = _settings()
    try:
        async with open_ports(settings) as ports:
            core = TwoSigma(ports, policy(settings))
            try:
                await core.require_ready()
            except Unavailable:
                now, newest = await asyncio.to_thread(_current_of, settings)
                raise Failed(_unmigrated(now, newest)) from None
            yield Opened(core=core, demo=Demo(ports.store, ports.clock), secret=ports.random.token)
    except SettingsError as wrong:
        raise Misused(str(wrong)) from None


@asynccontextmanager
async def _langfuse(url: str | None) -> AsyncIterator[PromptSource]:
    from twosigma.adapters.langfuse.client import Client
    from twosigma.adapters.langfuse.source import LangfusePrompts

    try:
        given = langfuse(url)
        client = Client(given.url, given.public_key, given.secret_key.value)
    except SettingsError as wrong:
        raise Misused(str(wrong)) from None
    except ValueError as wrong:
        raise Misused(f"Langfuse cannot be asked: {wrong}") from None
    async with client:
        if client.is_open:
            _log.warning("the keys go to %s over plain HTTP, for all to read", client.host)
        yield LangfusePrompts(client)


def _unmigrated(now: str | None, newest: str) -> str:
    state = "is not set up" if now is None else f"is at revision {now}, not {newest}"
    return f"the database {state}: run twosigma db upgrade"


def _current_of(settings: Settings) -> tuple[str | None, str]:
    from twosigma.adapters.sql import migrations

    try:
        return migrations.current(settings.database), migrations.head()
    except ValueError as error:
        raise Misused(f"TWOSIGMA_DATABASE_URL: {error}") from None


def _migrate(revision: str, *, is_upgrade: bool) -> None:
    from alembic.util import CommandError

    from twosigma.adapters.sql import migrations

    move = migrations.upgrade if is_upgrade else migrations.downgrade
    url = _settings().database
    try:
        move(url, revision)
    except ValueError as error:
        raise Misused(f"TWOSIGMA_DATABASE_URL: {error}") from None
    except CommandError as error:
        raise Failed(str(error)) from None


def _back_up(target: Path) -> None:
    from twosigma.adapters.sql import backup

    try:
        backup.back_up(_settings().database, target)
    except FileNotFoundError as missing:
        raise Failed(f"{missing}: no such file or folder") from None
    except ValueError as error:
        raise Failed(f"{error}: pg_dump --format=custom --file={target} DATABASE") from None


def _restore(source: Path) -> None:
    from twosigma.adapters.sql import backup

    try:
        backup.restore(source, _settings().database)
    except ValueError as error:
        raise Failed(str(error)) from None


def _read_oatutor(path: Path, on_progress: Progress) -> ImportedCourse:
    from twosigma.adapters.courses import oatutor

    return oatutor.read(path, on_progress)


def _demo_course(on_progress: Progress) -> ImportedCourse:
    from twosigma.adapters.courses.demo import demo_course

    return demo_course(on_progress)


def _schema() -> bytes:
    from twosigma.adapters.http.app import GROUPS
    from twosigma.adapters.http.docs import document

    return msgspec.json.encode(document(GROUPS))


def _serve(host: str | None, port: int | None, tell: Callable[[str], None]) -> None:
    import uvloop

    given = _settings()
    settings = structs.replace(
        given, host=host or given.host, port=given.port if port is None else port
    )
    _require_migrated(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serving(settings, tell))
        except SettingsError as wrong:
            raise Misused(str(wrong)) from None
        except SystemExit:
            raise Failed("the service could not start; the log says why") from None


def _require_migrated(settings: Settings) -> None:
    """Refuse a database that is reachable but not migrated; one that is away may come back."""
    try:
        now, newest = _current_of(settings)
    except Unavailable:
        _log.warning("the database cannot be reached; the service is not ready until it can be")
        return
    if now != newest:
        raise Failed(_unmigrated(now, newest))


async def _serving(settings: Settings, tell: Callable[[str], None]) -> None:
    from twosigma.adapters.system import daily, server

    async with build(settings) as core:
        app = make_app(settings, core)
        try:
            listener = server.listen(settings.host, settings.port)
        except OSError as error:
            place = f"{settings.host}:{settings.port}"
            why = str(error.strerror).partition(" (")[0]
            raise Failed(f"cannot serve on {place}: {why}") from None

        async def upkeep() -> None:
            await core.limits.forget()
            await core.once.forget()
            await core.password_resets.forget()
            trees, nodes = await core.cache_admin.prune(settings.cache_prune_days)
            _log.info("pruned the cache: %d trees, %d replies", trees, nodes)

        await server.serve(
            app,
            listener,
            on_ready=lambda: tell(server.address_of(listener)),
            on_stop=core.stop_taking_turns,
            proxies=settings.trusted_proxies,
            beside=lambda: daily.every_day(upkeep, settings.var / PRUNE_MARK),
        )
