"""A course deleted with all below it, in a fixed number of statements.

The course is locked before: nothing new comes below it then. What others write into without
holding it is locked here first, in the order in which they lock it: items (a tree is added to
one), trees, sessions; each in a statement of its own, so that the deletions see what was
committed while we waited. What comes before the sessions is locked so that foreign keys do not
wait for it (FOR NO KEY UPDATE; who holds it takes FOR SHARE): a turn that has its session may
still have its keys looked up.
"""

from typing import Any

from sqlalchemy import BindParameter, Select, Table, bindparam, delete, exists, select

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.erase import erase_orphans
from twosigma.adapters.sql.schema import (
    IS_RUNNING,
    cache_nodes,
    cache_trees,
    chat_messages,
    chat_sessions,
    content_items,
    course_staff,
    courses,
    enrollments,
    invitations,
    modules,
    offerings,
)

_id: BindParameter[int] = bindparam("of_course")


def _ids(table: Table) -> Select[Any]:
    return select(table.c.id).where(table.c.course_id == _id)


_items, _sessions, _offerings = _ids(content_items), _ids(chat_sessions), _ids(offerings)
_trees = select(cache_trees.c.id).where(cache_trees.c.content_item_id.in_(_items))
_IS_USED = select(exists().where(enrollments.c.course_id == _id))

_LOCK_ITEMS = _items.order_by(content_items.c.id).with_for_update(key_share=True)
_LOCK_TREES = _trees.order_by(cache_trees.c.id).with_for_update(key_share=True)
_LOCK_SESSIONS = _sessions.order_by(chat_sessions.c.id).with_for_update()
_RUNNING = select(chat_sessions.c.turn_id).where(chat_sessions.c.course_id == _id, IS_RUNNING)

_ERASE_MESSAGES = (
    delete(chat_messages)
    .where(chat_messages.c.session_id.in_(_sessions))
    .returning(chat_messages.c.reply_id)
)
_ERASE_NODES = (
    delete(cache_nodes).where(cache_nodes.c.tree_id.in_(_trees)).returning(cache_nodes.c.reply_id)
)
_ERASE_REST = (
    delete(cache_trees).where(cache_trees.c.content_item_id.in_(_items)),
    delete(content_items).where(content_items.c.course_id == _id),
    delete(modules).where(modules.c.course_id == _id),
    delete(invitations).where(invitations.c.course_offering_id.in_(_offerings)),
    delete(offerings).where(offerings.c.course_id == _id),
    delete(course_staff).where(course_staff.c.course_id == _id),
    delete(courses).where(courses.c.id == _id),
)
_ERASE_SESSIONS = delete(chat_sessions).where(chat_sessions.c.course_id == _id)


async def erase_course(sql: Sql, course_id: int) -> frozenset[str] | None:
    """Erase a locked course; the turns that ran in its sessions, or None where it has an
    enrollment."""
    if await sql.scalar(_IS_USED, of_course=course_id):
        return None
    for lock in (_LOCK_ITEMS, _LOCK_TREES, _LOCK_SESSIONS):
        await sql.all(lock, of_course=course_id)
    turns = frozenset(row.turn_id for row in await sql.all(_RUNNING, of_course=course_id))
    spoken = await sql.all(_ERASE_MESSAGES, of_course=course_id)
    await sql.run(_ERASE_SESSIONS, of_course=course_id)
    cached = await sql.all(_ERASE_NODES, of_course=course_id)
    await erase_orphans(sql, (row.reply_id for row in (*spoken, *cached)))
    for erase in _ERASE_REST:
        await sql.run(erase, of_course=course_id)
    return turns
