"""Measure the cached turn, a course's pages, a large course, prompts: `python -m bench [--quick]`.

`--only PART`: one of them.

Nothing is written into the project.
"""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import asyncpg
import uvloop
from msgspec import Struct
from tests.databases import on_server, postgres_database, postgres_url, url_of

from bench import herd, large, layers, pages, prompts, turns
from bench.limit_postgres import NAME
from bench.processes import Backends, Learners, Server, learners, limit, middle, service
from bench.world import World, make_world
from twosigma.adapters.sql.migrations import upgrade
from twosigma.adapters.sql.store import SqlStore

PARTS = ("turns", "pages", "course", "prompts")
LIBRARIES = ("uvicorn", "uvloop", "httptools", "litestar", "sqlalchemy", "asyncpg", "msgspec")


class Database(Struct, frozen=True, kw_only=True):
    name: str
    url: str
    limit: str

    @property
    def is_postgres(self) -> bool:
        return self.name == "PostgreSQL"


class Plan(Struct, frozen=True, kw_only=True):
    """How much is measured: `pause` is the model's, in seconds, between two pieces; `modules`
    those of the large course; `parts` which of PARTS."""

    rounds: int
    pause: float
    modules: int
    parts: tuple[str, ...]


class Wholes(Struct, frozen=True, kw_only=True):
    """What one database gave for the table of layers, and the server that was measured."""

    advance: float
    whole: float
    layers: layers.Layers
    server: Server


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--quick", action="store_true", help="one round, a quicker model")
    options.add_argument("--only", choices=PARTS, help="one part of it")
    given = options.parse_args()
    parts = PARTS if given.only is None else (given.only,)
    plan = Plan(rounds=5, pause=0.05, modules=large.MODULES, parts=parts)
    if given.quick:
        plan = Plan(rounds=1, pause=0.025, modules=large.MODULES // 10, parts=parts)
    began = perf_counter()
    print(*facts(), sep="\n")
    with TemporaryDirectory(prefix="twosigma-bench-") as name, ExitStack() as stack:
        databases = [sqlite(Path(name))]
        if postgres_is_there():
            databases.append(stack.enter_context(postgres()))
        for database in databases:
            upgrade(database.url)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(databases, Path(name), plan))
    print(f"\n{perf_counter() - began:.0f} s in all")


def facts() -> list[str]:
    """What was run, and on what."""
    libraries = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    return [
        " ".join(["$ python -m bench", *sys.argv[1:]]),
        f"{os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f} before,"
        f" {platform.python_implementation()} {platform.python_version()}, {libraries}",
        "The load generator and both databases share these cores with the servers."
        " Compare within a run only.",
    ]


def sqlite(folder: Path) -> Database:
    return Database(
        name="SQLite", url=f"sqlite:///{folder / 'bench.db'}", limit="bench.limit_sqlite"
    )


def postgres_is_there() -> bool:
    try:
        on_server("SELECT 1")
    except (OSError, asyncpg.PostgresError) as error:
        print(f"\nPostgreSQL is left out: {postgres_url()} cannot be used ({error})")
        return False
    return True


@contextmanager
def postgres() -> Iterator[Database]:
    """A database of its own on the server, dropped in the end."""
    with postgres_database() as name:
        yield Database(name="PostgreSQL", url=url_of(name), limit="bench.limit_postgres")


async def measure(databases: list[Database], folder: Path, plan: Plan) -> None:
    found = {}
    async with learners() as load:
        for database in databases:
            store = SqlStore(database.url)
            world = await make_world(store)
            if "turns" in plan.parts:
                found[database.name] = await turns_of(database, folder, store, world, load, plan)
            if "pages" in plan.parts:
                read = await pages.measure(database.url, folder, store, world, load, plan.rounds)
                print("", *pages.lines(database.name, read), sep="\n")
            if "course" in plan.parts:
                costs = await large.measure(database.url, store, plan.modules)
                print("", *large.lines(database.name, costs, plan.modules), sep="\n")
            if "prompts" in plan.parts:
                cases, resolved = await prompts.measure(database.url, store, plan.rounds)
                if database is databases[0]:
                    print("", *prompts.computed_lines(cases, plan.rounds), sep="\n")
                print("", *prompts.lines(database.name, resolved), sep="\n")
            await store.dispose()
    if not found:
        return
    first = next(iter(found.values()))
    advances = {name: one.advance for name, one in found.items()}
    wholes = {name: one.whole for name, one in found.items()}
    print("", *layers.lines(first.layers, advances, wholes), sep="\n")
    print(
        f"\nStart of twosigma serve: {first.server.started:.2f} s to the first answer,"
        f" {first.server.starting:.2f} s of it CPU"
    )


async def turns_of(
    database: Database, folder: Path, store: SqlStore, world: World, load: Learners, plan: Plan
) -> Wholes:
    """Turns, then a herd; printed as they come."""
    backends = Backends(database.url if database.is_postgres else None)
    async with (
        limit(database.limit, database.url, folder, world.settings, NAME) as bare,
        service(database.url, folder, {}) as whole,
    ):
        bench = turns.Bench(store=store, world=world, backends=backends, learners=load)
        pairs = await turns.measure(bench, bare, whole, plan.rounds)
    print("", *turns.lines(database.name, pairs), sep="\n")
    if database.is_postgres:
        print("  database us a turn at 32 learners, by round:", *flatness(pairs[32]))
    herded = await herd.measure(database.url, folder, store, world, load, plan.pause)
    print("", *herd.lines(database.name, herded), sep="\n")
    return Wholes(
        advance=await layers.advance(store, world), layers=await layers.measure(world, folder),
        whole=middle(pair[1].server for pair in pairs[32]), server=whole,
    )  # fmt: skip


def flatness(pairs: list[turns.Pair]) -> list[str]:
    """The service's cost in the database, which must not grow with the tables."""
    return [f"{service.database:.0f}" for _, service in pairs]


if __name__ == "__main__":
    main()
