"""What reads and writes of prompts cost: a fixed number of statements, however many there are."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from tests.sql.statements import counted
from twosigma.adapters.sql.schema import prompt_labels
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page
from twosigma.domain.prompt_lists import Numbered, PromptFilter
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.testing import World, in_memory

SMALL, LARGE = 2, 20


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[SqlStore]:
    sql = SqlStore(sqlite_url)
    yield sql
    await sql.dispose()


async def fill(world: World, size: int) -> Actor:
    """A prompt that names `size` others, each of which names one below them; and one apart."""
    admin = (await world.user(Role.PLATFORM_ADMIN)).actor
    edit = world.core.prompts_edit
    await edit.create(admin, PromptDraft(name="Leaf", prompt="leaf", labels=("production",)))
    leaf = tag_of(Ref(name="Leaf", label="production"))
    names = [f"Middle {at}" for at in range(size)]
    for name in names:
        await edit.create(admin, PromptDraft(name=name, prompt=leaf, labels=("a", "b", "c")))
    text = "".join(tag_of(Ref(name=name, label="b")) for name in names)
    for _ in range(size):
        await edit.create(admin, PromptDraft(name="Top", prompt=text, labels=("production",)))
    await edit.create(admin, PromptDraft(name="Apart", prompt="apart"))
    return admin


Work = Callable[[World, Actor], Awaitable[object]]
LABELS = tuple(f"l{at}" for at in range(15))
TOP = "".join(tag_of(Ref(name=f"Middle {at}", label="b")) for at in range(SMALL))

COUNTS: dict[str, tuple[Work, int]] = {
    "list": (lambda w, a: w.core.prompts_read.list(a, PromptFilter(), Numbered()), 2),
    "list with configs": (
        lambda w, a: w.core.prompts_read.list_with_configs(a, PromptFilter(), Numbered()), 3,
    ),
    "get": (lambda w, a: w.core.prompts_read.get(a, "Top", None, None), 3),
    "versions": (lambda w, a: w.core.prompts_read.versions(a, "Top", Numbered()), 2),
    "preview": (lambda w, a: w.core.prompts_read.preview(a, TOP, {}), 2),
    "dependents": (lambda w, a: w.core.prompts_trail.dependents(a, "Leaf"), 3),
    "history": (lambda w, a: w.core.prompts_trail.history(a, "Top", Page()), 3),
    "create": (
        lambda w, a: w.core.prompts_edit.create(
            a, PromptDraft(name="Middle 0", prompt="x", labels=LABELS)
        ), 10,
    ),
    "labels": (lambda w, a: w.core.prompts_edit.set_labels(a, "Apart", 1, LABELS), 10),
    "labels added": (lambda w, a: w.core.prompts_edit.add_labels(a, "Apart", 1, LABELS), 10),
    "tags": (lambda w, a: w.core.prompts_edit.set_tags(a, "Top", ["t"]), 5),
    "removal": (lambda w, a: w.core.prompts_remove.remove(a, "Top"), 9),
    "removal of a version": (
        lambda w, a: w.core.prompts_remove.remove_version(a, "Top", 1), 9,
    ),
}  # fmt: skip


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("name", COUNTS)
async def test_prompts_cost_the_same_however_many_there_are(
    store: SqlStore, name: str, size: int
) -> None:
    work, wanted = COUNTS[name]
    async with in_memory(store=store, time=SystemClock()) as world:
        admin = await fill(world, size)
        with counted(store) as ran:
            await work(world, admin)
        assert len(ran) == wanted, "\n".join(ran)


async def test_langfuse_a_label_is_on_one_version_by_the_schema(sql_store: SqlStore) -> None:
    async with in_memory(store=sql_store, time=SystemClock()) as world:
        admin = await fill(world, SMALL)
        await world.core.prompts_edit.create(admin, PromptDraft(name="Top", prompt="free"))
        async with sql_store._engines.writer.connect() as connection:
            names = (await connection.execute(select(prompt_labels))).all()
            row = next(each for each in names if each.label == "production")
            double = {"name_id": row.name_id, "label": row.label, "version_id": row.version_id}
            with pytest.raises(IntegrityError):
                await connection.execute(insert(prompt_labels), double)
