"""Prompts removed, and what uses them, the same in every store."""

from msgspec import structs

from tests.contract.builders import make_lesson, new_tree
from tests.contract.test_store_prompts import add, labels_of
from twosigma.ports.store import Store


async def remove(store: Store, *versions: int, name: str = "Tutor") -> None:
    async with store.write() as tx:
        await tx.prompts.lock()
        await tx.prompts.remove(name, versions)


async def test_a_removed_version_is_gone_and_latest_moves(store: Store) -> None:
    await add(store, labels=("a",), tags=("t",))
    await add(store, labels=("b",))
    kept = await add(store, "Other", labels=("b",))
    await remove(store, 2)
    assert await labels_of(store) == {1: ["a", "latest"]}
    async with store.read() as tx:
        assert await tx.prompts.labeled("Tutor", "b") is None
        assert await tx.prompts.version("Tutor", 2) is None
        assert await tx.prompts.version("Other", 1) == kept
    added = await add(store, labels=("b",))
    assert (added.version, added.tags, added.labels) == (3, ("t",), ("b", "latest"))


async def test_langfuse_numbers_never_come_back_not_even_of_a_whole_prompt(store: Store) -> None:
    await add(store, labels=("a",), tags=("t",))
    await add(store)
    await remove(store, 1, 2)
    async with store.read() as tx:
        assert list(await tx.prompts.versions("Tutor")) == []
        assert list(await tx.prompts.heads()) == []
        assert await tx.prompts.labeled("Tutor", "latest") is None
    added = await add(store)
    assert (added.version, added.tags, added.labels) == (3, (), ("latest",))


async def test_what_uses_a_prompt_is_found(store: Store) -> None:
    lesson = await make_lesson(store)
    async with store.write() as tx:
        course = await tx.catalog.lock_course(lesson.course.id)
        assert course is not None
        await tx.catalog.save_course(structs.replace(course, prompt_name="A"))
        await tx.content.save(structs.replace(lesson.item, prompt_name="B"))
        kind = await tx.content.lock_type(lesson.item.content_type_id)
        assert kind is not None
        await tx.content.save_type(structs.replace(kind, prompt_name="A"))
        tree = await tx.cache.lock_or_add_tree(new_tree(lesson.item, b"p" * 32))
        assert tree is not None
    found = {
        "course": (course.id, course.title, course.id),
        "content_item": (lesson.item.id, lesson.item.title, course.id),
        "content_type": (kind.id, kind.label, None),
        "cache_tree": (tree.id, lesson.item.title, course.id),
    }
    async with store.read() as tx:
        for names, versions, kinds in (
            ({"A", "B"}, {tree.prompt_version_id},
             ["cache_tree", "content_item", "content_type", "course"]),
            ({"A"}, set(), ["content_type", "course"]),
            ({"Z"}, {tree.prompt_version_id}, ["cache_tree"]),
            (set(), {99}, []),
        ):  # fmt: skip
            uses = await tx.prompts.uses(names, versions)
            assert [use.kind for use in uses] == kinds
            assert all((use.id, use.title, use.course_id) == found[use.kind] for use in uses)
