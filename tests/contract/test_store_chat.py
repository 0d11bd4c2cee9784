"""Chat sessions: opening, listing, sharing, moving, erasing; the same in every store."""

from datetime import timedelta

import pytest
from msgspec import structs

from tests.contract.builders import (
    ANSWER,
    GREETING,
    LATER,
    NOBODY,
    NOW,
    add_exchange,
    add_item,
    add_module,
    add_node,
    add_reply,
    add_session,
    add_tree,
    get_session,
    make_lesson,
    new_exchange,
    new_session,
)
from twosigma.domain.cache_tree import CacheState, Position
from twosigma.domain.catalog import Page
from twosigma.domain.chat import NewSession, Share
from twosigma.domain.context import Stamp
from twosigma.domain.replies import reply_of
from twosigma.ports.store import Store

STAMP = Stamp(platform=1, course=2, settings="s")
SHARE = Share(token="token", shared_at=NOW, message_count=2, expires_at=LATER)


async def test_a_session_reads_back_as_it_was_added(store: Store) -> None:
    lesson = await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    new = new_session(lesson, position=Position(tree_id=tree.id), stamp=STAMP, locale="de")
    async with store.write() as tx:
        added = await tx.chat.add(new)
    kept = {name: getattr(added, name) for name in NewSession.__struct_fields__}
    assert NewSession(**kept) == new
    assert (added.message_count, added.greeting_id, added.turn, added.share) == (
        0,
        None,
        None,
        None,
    )
    assert added.updated_at == NOW
    async with store.write() as tx:
        assert await tx.chat.get(added.id) == added
        assert await tx.chat.lock(added.id) == added


async def test_an_unknown_session_has_nothing(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.chat.get(NOBODY) is None
        assert await tx.chat.lock(NOBODY) is None
        assert await tx.chat.shared("token") is None
        assert list(await tx.chat.messages(NOBODY, Page())) == []
        assert list(await tx.chat.first_messages(NOBODY, 5)) == []
        assert list(await tx.chat.last_messages(NOBODY, 5)) == []
        assert await tx.chat.turn(NOBODY, "t") is None
        assert await tx.chat.turn_by_key(NOBODY, "k") is None
        assert await tx.chat.greeting(NOBODY) is None
        await tx.chat.remove(NOBODY)


async def test_own_sessions_come_newest_first_in_pages(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    added = [await add_session(store, lesson) for _ in range(4)]
    await add_session(store, other)
    newest = added[::-1]
    async with store.read() as tx:
        for skip, limit in ((0, 100), (1, 2), (3, 9), (7, 1)):
            page, total = await tx.chat.of_user(lesson.user.id, None, Page(skip=skip, limit=limit))
            assert (list(page), total) == (newest[skip : skip + limit], 4)
        assert await tx.chat.of_user(NOBODY, None, Page()) == ([], 0)


async def test_own_sessions_are_told_apart_by_item(store: Store) -> None:
    lesson = await make_lesson(store)
    item = await add_item(store, await add_module(store, lesson.course))
    await add_session(store, lesson)
    wanted = await add_session(store, lesson, content_item_id=item.id)
    async with store.read() as tx:
        assert await tx.chat.of_user(lesson.user.id, item.id, Page()) == ([wanted], 1)
        assert await tx.chat.of_user(lesson.user.id, NOBODY, Page()) == ([], 0)


async def test_a_moved_session_stands_where_it_was_moved(store: Store) -> None:
    lesson = await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    node = await add_node(store, tree, GREETING, "Hi")
    session = await add_session(store, lesson)
    tracking = Position(tree_id=tree.id, node_id=node.id)
    diverged = structs.replace(tracking, state=CacheState.DIVERGED)
    for position, stamp in ((tracking, STAMP), (diverged, None)):
        async with store.write() as tx:
            await tx.chat.lock(session.id)
            await tx.chat.move(session.id, position, stamp, LATER)
        assert await get_session(store, session) == structs.replace(
            session, position=position, stamp=stamp, updated_at=LATER
        )


async def test_a_shared_session_is_found_by_its_token(store: Store) -> None:
    session = await add_session(store, await make_lesson(store))
    async with store.write() as tx:
        await tx.chat.set_share(session.id, SHARE)
    shared = structs.replace(session, share=SHARE)
    async with store.read() as tx:
        assert await tx.chat.shared("token") == shared
        assert await tx.chat.get(session.id) == shared
        assert await tx.chat.shared("TOKEN") is None


@pytest.mark.parametrize("after", [None, structs.replace(SHARE, token="other", expires_at=None)])
async def test_a_revoked_or_replaced_token_finds_nothing(store: Store, after: Share | None) -> None:
    session = await add_session(store, await make_lesson(store))
    async with store.write() as tx:
        await tx.chat.set_share(session.id, SHARE)
    async with store.write() as tx:
        await tx.chat.set_share(session.id, after)
    async with store.read() as tx:
        assert await tx.chat.shared("token") is None
        found = await tx.chat.shared("other")
    assert found == (None if after is None else structs.replace(session, share=after))


async def test_a_link_that_is_over_is_found_for_the_domain_to_judge(store: Store) -> None:
    session = await add_session(store, await make_lesson(store))
    over = structs.replace(SHARE, expires_at=NOW - timedelta(days=9))
    async with store.write() as tx:
        await tx.chat.set_share(session.id, over)
    async with store.read() as tx:
        found = await tx.chat.shared("token")
    assert found is not None
    assert found.share == over


async def test_a_removed_session_leaves_nothing(store: Store) -> None:
    session = await add_session(store, await make_lesson(store))
    await add_exchange(store, session, "t1", "Hello", is_greeting=True, key="k")
    async with store.write() as tx:
        await tx.chat.set_share(session.id, SHARE)
    async with store.write() as tx:
        await tx.chat.remove(session.id)
    async with store.read() as tx:
        assert await tx.chat.get(session.id) is None
        assert await tx.chat.of_user(session.user_id, None, Page()) == ([], 0)
        assert await tx.chat.shared("token") is None
        assert list(await tx.chat.messages(session.id, Page())) == []
        assert await tx.chat.turn(session.id, "t1") is None
        assert await tx.chat.turn_by_key(session.id, "k") is None
        assert await tx.chat.greeting(session.id) is None


async def test_a_removed_session_takes_no_other_with_it(store: Store) -> None:
    lesson = await make_lesson(store)
    session, other = await add_session(store, lesson), await add_session(store, lesson)
    for each in (session, other):
        await add_exchange(store, each, "t1", "Hello", key="k")
    async with store.read() as tx:
        before = await tx.chat.get(other.id), await tx.chat.messages(other.id, Page())
    async with store.write() as tx:
        await tx.chat.remove(session.id)
    async with store.read() as tx:
        after = await tx.chat.get(other.id), await tx.chat.messages(other.id, Page())
    assert after == before


async def test_a_reply_goes_with_its_last_reader_only(store: Store) -> None:
    lesson = await make_lesson(store)
    first, second, third = [await add_session(store, lesson) for _ in range(3)]
    reply_id = await add_reply(store, "mine alone")
    for each in (first, second):
        await add_exchange(store, each, "t1", reply_id=reply_id)
    async with store.write() as tx:
        await tx.chat.remove(first.id)
    async with store.read() as tx:
        assert [m.content for m in await tx.chat.messages(second.id, Page())] == [
            "Why?", "mine alone",
        ]  # fmt: skip
    async with store.write() as tx:
        await tx.chat.remove(second.id)
    # It is gone: each store refuses a message that refers to it in its own words.
    with pytest.raises(Exception):  # noqa: B017, PT011 -- see above
        async with store.write() as tx:
            await tx.chat.add_exchange(new_exchange(third, "t", reply_id), is_greeting=False)
    async with store.read() as tx:
        assert list(await tx.chat.messages(third.id, Page())) == []


async def test_a_reply_of_a_node_stays_when_its_readers_go(store: Store) -> None:
    lesson = await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    node = await add_node(store, tree, ANSWER, "for ", "all")
    session = await add_session(store, lesson)
    await add_exchange(store, session, "t1", reply_id=node.reply_id)
    async with store.write() as tx:
        await tx.chat.remove(session.id)
    async with store.read() as tx:
        assert await tx.cache.get_node(node.id) == node


async def test_ids_never_come_back(store: Store) -> None:
    lesson = await make_lesson(store)
    first = await add_session(store, lesson)
    message = await add_exchange(store, first, "t1", "Hello")
    async with store.write() as tx:
        await tx.chat.remove(first.id)
    second = await add_session(store, lesson)
    again = await add_exchange(store, second, "t1", "Hello")
    assert second.id > first.id
    assert message is not None
    assert again is not None
    assert again.id > message.id


async def test_messages_come_in_pages_and_from_both_ends(store: Store) -> None:
    session = await add_session(store, await make_lesson(store))
    for number in range(3):
        await add_exchange(store, session, f"t{number}", f"reply {number}")
    async with store.read() as tx:
        every = list(await tx.chat.messages(session.id, Page()))
        for skip, limit in ((0, 2), (1, 3), (5, 9), (6, 1), (0, 0)):
            page = await tx.chat.messages(session.id, Page(skip=skip, limit=limit))
            assert list(page) == every[skip : skip + limit]
        assert list(await tx.chat.last_messages(session.id, 2)) == every[-2:]
        assert list(await tx.chat.last_messages(session.id, 99)) == every
        assert list(await tx.chat.first_messages(session.id, 2)) == every[:2]
        assert list(await tx.chat.first_messages(session.id, 99)) == every


async def test_a_stored_reply_has_its_pieces(store: Store) -> None:
    reply = reply_of(["Zwölf", " ", "🐎\n"])
    async with store.write() as tx:
        stored = await tx.chat.add_reply(reply)
        other = await tx.chat.add_reply(reply)
    assert (stored.text, stored.chunks, stored.body) == (reply.text, reply.chunks, reply.body)
    assert other.id != stored.id
