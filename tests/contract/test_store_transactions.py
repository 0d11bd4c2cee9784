"""What a transaction and a snapshot are, the same in every store."""

import asyncio

import pytest
from msgspec import structs

from tests.contract.builders import (
    GREETING,
    LATER,
    add_course,
    add_item,
    add_module,
    add_node,
    add_session,
    add_tree,
    get_session,
    greet,
    make_lesson,
    make_path,
    new_session,
    new_user,
    rolled_back,
)
from twosigma.domain.catalog import CourseFilter, Page
from twosigma.domain.chat import Share
from twosigma.ports.store import Store


async def test_a_store_that_is_set_up_is_ready(store: Store) -> None:
    await store.require_ready()


async def test_a_failed_write_leaves_nothing(store: Store) -> None:
    lesson = await make_lesson(store)
    async with store.read() as tx:
        epochs = await tx.epochs.read(lesson.course.id)
    async with rolled_back(store) as tx:
        user = await tx.accounts.add(new_user("ada@example.org"))
        await tx.catalog.save_course(structs.replace(lesson.course, title="Changed"))
        session = await tx.chat.add(new_session(lesson))
        await tx.chat.set_share(session.id, Share(token="t", shared_at=LATER, message_count=0))
        await tx.epochs.raise_platform()
        await tx.epochs.raise_course(lesson.course.id)
    assert user is not None
    async with store.read() as tx:
        assert await tx.accounts.get(user.id) is None
        assert await tx.accounts.find_by_email("ada@example.org") is None
        assert await tx.catalog.course(lesson.course.id) == lesson.course
        assert await tx.chat.get(session.id) is None
        assert await tx.chat.of_user(lesson.user.id, None, Page()) == ([], 0)
        assert await tx.chat.shared("t") is None
        assert await tx.epochs.read(lesson.course.id) == epochs


async def test_a_failed_prune_leaves_the_tree_as_it_was(store: Store) -> None:
    path = await make_path(store)
    async with rolled_back(store) as tx:
        assert await tx.cache.prune(path.tree.id, LATER) == 2
        assert await tx.cache.get_node(path.root.id) is None
    async with store.read() as tx:
        assert list(await tx.cache.nodes(path.tree.id)) == [path.root, path.child]
    assert await get_session(store, path.session) == path.session
    assert await store.advance(greet(path)) is not None


async def test_a_write_sees_what_it_has_written(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.accounts.add(new_user("ada@example.org"))
        assert added is not None
        assert await tx.accounts.get(added.id) == added


async def test_nobody_sees_a_write_before_it_ends(store: Store) -> None:
    course = await add_course(store, title="before")
    async with store.write() as tx:
        await tx.catalog.save_course(structs.replace(course, title="after"))
        await tx.accounts.add(new_user("ada@example.org"))
        async with store.read() as other:
            assert await other.catalog.course(course.id) == course
            assert await other.accounts.find_by_email("ada@example.org") is None
    async with store.read() as other:
        assert await other.accounts.find_by_email("ada@example.org") is not None


async def test_a_read_that_has_begun_does_not_see_a_later_write(store: Store) -> None:
    lesson = await make_lesson(store)
    async with store.read() as tx:
        epochs = await tx.epochs.read(lesson.course.id)
        async with store.write() as other:
            await other.epochs.raise_course(lesson.course.id)
            await other.epochs.raise_platform()
            await other.catalog.save_course(structs.replace(lesson.course, title="after"))
            await other.catalog.lock_course(lesson.course.id)
        await add_course(store)
        module = await add_module(store, lesson.course)
        item = await add_item(store, module)
        tree = await add_tree(store, item)
        node = await add_node(store, tree, GREETING, "Hello")
        session = await add_session(store, lesson)
        assert await tx.epochs.read(lesson.course.id) == epochs
        assert await tx.catalog.course(lesson.course.id) == lesson.course
        assert (await tx.catalog.courses(CourseFilter(), Page()))[1] == 1
        assert await tx.modules.get(module.id) is None
        assert await tx.content.get(item.id) is None
        assert await tx.cache.tree(tree.fingerprint) is None
        assert await tx.cache.get_node(node.id) is None
        assert await tx.chat.get(session.id) is None
    async with store.read() as tx:
        assert await tx.epochs.read(lesson.course.id) == (epochs[0] + 1, epochs[1] + 1)


async def test_a_read_that_has_begun_does_not_see_a_later_hit(store: Store) -> None:
    path = await make_path(store)
    async with store.read() as tx:
        assert await tx.chat.get(path.session.id) == path.session
        assert await store.advance(greet(path)) is not None
        assert await tx.chat.get(path.session.id) == path.session
        assert list(await tx.chat.messages(path.session.id, Page())) == []
        assert await tx.cache.hits(path.tree.id) == {}


async def test_a_write_that_waits_for_a_lock_sees_what_its_holder_wrote(store: Store) -> None:
    course = await add_course(store, title="")

    async def append(letter: str) -> None:
        async with store.write() as tx:
            locked = await tx.catalog.lock_course(course.id)
            assert locked is not None
            await asyncio.sleep(0)
            await tx.catalog.save_course(structs.replace(locked, title=locked.title + letter))

    await asyncio.gather(*(append(letter) for letter in "abcdefgh"))
    async with store.read() as tx:
        found = await tx.catalog.course(course.id)
    assert found is not None
    assert sorted(found.title) == list("abcdefgh")


async def test_a_cancelled_write_leaves_nothing_and_nobody_waits_for_it(store: Store) -> None:
    reached = asyncio.Event()

    async def write() -> None:
        async with store.write() as tx:
            await tx.accounts.add(new_user("ada@example.org"))
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(write())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(2):
        async with store.write() as tx:
            assert await tx.accounts.add(new_user("ada@example.org")) is not None
