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
from tests.app.use_cases import BEFORE, CALLS, READS
from tests.sql.statement_counts import COUNTS, PER_TREE
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


def doers(name: str) -> list[str]:
    """Who calls: of those who may in an open course the last one that is no admin, for of
    admins less is asked; and for a read the learner too, who has most of their own."""
    row = MATRIX[name]
    if isinstance(row, str):
        return ["learner"]
    may = [who for who, outcome in zip(PEOPLE, row[0].split(), strict=True) if outcome == "ok"]
    last = next((who for who in reversed(may) if who not in ("admin", "anonymous")), "admin")
    return ["learner", last] if "learner" in may and name in READS and last != "learner" else [last]


async def statements_of(name: str, who: str, kept: Kept, folder: Path) -> tuple[list[str], object]:
    """What a use case runs in a copy of this school, and what it gives."""
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
                given = await CALLS[name](school, who)
                await school.core.settled()
    finally:
        await store.dispose()
    return ran, given


async def count_of(name: str, who: str, kept: Kept, folder: Path) -> tuple[int, list[str]]:
    """How many statements, but those that are for the trees that go; and all of them."""
    ran, given = await statements_of(name, who, kept, folder)
    if name not in PER_TREE:
        return len(ran), ran
    assert isinstance(given, tuple)
    assert given[0], "no tree goes"
    return len(ran) - PER_TREE[name] * given[0], ran


def test_every_use_case_has_its_count() -> None:
    assert list(COUNTS) == sorted(CALLS)
    assert PER_TREE.keys() <= COUNTS.keys()


@pytest.mark.parametrize("name", CALLS)
async def test_a_use_case_takes_what_the_table_says_in_a_school_of_any_size(
    name: str, small: Kept, large: Kept, tmp_path: Path
) -> None:
    most: list[str] = []
    for who in doers(name):
        (few, ran), (many, _) = [
            await count_of(name, who, kept, tmp_path) for kept in (small, large)
        ]
        assert few == many, f"{name}: {few} statements, {many} in a school ten times as large"
        most = max(most, ran[:few], key=len)
    told = f"{name}: {COUNTS.get(name)} statements until now (statement_counts.py), now {len(most)}"
    assert len(most) == COUNTS.get(name), "\n  ".join([told, *most])
