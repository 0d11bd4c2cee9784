"""No use case takes a statement a row: what each takes is pinned, in a school of any size."""

import asyncio
import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from msgspec import Struct
from sqlalchemy import delete

from tests.app.grown import grow
from tests.app.school import PEOPLE, School, build
from tests.app.test_authorization import MATRIX
from tests.app.use_cases import BEFORE, CALLS
from tests.sql.statement_counts import COUNTS
from tests.sql.statements import counted
from twosigma.adapters.sql.schema import prompt_labels
from twosigma.adapters.sql.store import SqlStore
from twosigma.app.demo import Demo
from twosigma.testing import CountedRandom, in_memory

FEW = 2
MANY = 10 * FEW


class Kept(Struct, frozen=True):
    """A school that was built, and the file that it is in."""

    school: School
    path: Path


def built(template: Path, path: Path, size: int) -> Kept:
    shutil.copyfile(template, path)

    async def run() -> School:
        store = SqlStore(f"sqlite:///{path}", synchronous="OFF")
        try:
            async with in_memory(store=store) as world:
                school = await build(world)
                await grow(school, size)
                return school
        finally:
            await store.dispose()

    return Kept(asyncio.run(run()), path)


@pytest.fixture(scope="module")
def small(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return built(sqlite_template, tmp_path_factory.mktemp("small") / "school.db", FEW)


@pytest.fixture(scope="module")
def large(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return built(sqlite_template, tmp_path_factory.mktemp("large") / "school.db", MANY)


def doer(name: str) -> str:
    """Who calls: of those who may in an open course the last one that is no admin, for of
    admins less is asked."""
    row = MATRIX[name]
    if isinstance(row, str):
        return "learner"
    may = [who for who, outcome in zip(PEOPLE, row[0].split(), strict=True) if outcome == "ok"]
    return next((who for who in reversed(may) if who not in ("admin", "anonymous")), "admin")


async def statements_of(name: str, kept: Kept, folder: Path) -> list[str]:
    """What a use case runs in a copy of this school."""
    path = folder / kept.path.parent.name
    shutil.copyfile(kept.path, path)
    store = SqlStore(f"sqlite:///{path}", synchronous="OFF")
    try:
        async with in_memory(store=store) as world:
            assert isinstance(world.ports.random, CountedRandom)
            # Nothing that is made here is named as what is there.
            world.ports.random._next, world._number = count(1_000_000), count(1_000_000)
            school = replace(
                kept.school, world=world, core=world.core, demo=Demo(store, world.clock),
                people={
                    who: person and replace(person, world=world)
                    for who, person in kept.school.people.items()
                },
            )  # fmt: skip
            if name == "installation.install":
                async with store._engines.writer.begin() as connection:
                    await connection.execute(delete(prompt_labels))
            elif name in BEFORE:
                await BEFORE[name](school)
            with counted(store) as ran:
                await CALLS[name](school, doer(name))
                await school.core.settled()
    finally:
        await store.dispose()
    return ran


def test_every_use_case_has_its_count() -> None:
    assert list(COUNTS) == sorted(CALLS)


@pytest.mark.parametrize("name", CALLS)
async def test_a_use_case_takes_as_many_statements_as_the_table_says_in_a_school_of_any_size(
    name: str, small: Kept, large: Kept, tmp_path: Path
) -> None:
    few = await statements_of(name, small, tmp_path)
    many = await statements_of(name, large, tmp_path)
    print("COUNT", name, len(few), len(many))
