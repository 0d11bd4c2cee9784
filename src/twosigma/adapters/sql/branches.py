"""What is removed whole: a module with all below it, or one item."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, false, func, or_, select

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.erase import erase_orphans
from twosigma.adapters.sql.modules import SUBTREE_IDS
from twosigma.adapters.sql.schema import (
    cache_nodes,
    cache_trees,
    chat_messages,
    chat_sessions,
    content_items,
    content_progress,
    course_staff,
    module_progress,
    modules,
    users,
)
from twosigma.domain.actor import Role
from twosigma.ports.branches import Branch

Ids = Select[tuple[int]]


def _modules_of(branch: Branch) -> Ids:
    """None, for an item."""
    inside = false() if branch.module_id is None else modules.c.id.in_(SUBTREE_IDS)
    return select(modules.c.id).where(inside)


def _items_of(branch: Branch) -> Ids:
    items = select(content_items.c.id)
    if branch.module_id is None:
        return items.where(content_items.c.id == bindparam("item_id"))
    return items.where(content_items.c.module_id.in_(SUBTREE_IDS))


def _ids_of(branch: Branch) -> dict[str, int | None]:
    """The values of the statements that are made for a branch."""
    if branch.module_id is None:
        return {"item_id": branch.item_id}
    return {"module_id": branch.module_id}


def _trees_of(branch: Branch) -> Ids:
    return select(cache_trees.c.id).where(cache_trees.c.content_item_id.in_(_items_of(branch)))


def _sessions_of(branch: Branch) -> Ids:
    about = chat_sessions.c.content_item_id.in_(_items_of(branch))
    return select(chat_sessions.c.id).where(about)


def _learners_sessions(branch: Branch) -> Select[Any]:
    is_of_staff = exists().where(
        course_staff.c.course_id == chat_sessions.c.course_id,
        course_staff.c.user_id == chat_sessions.c.user_id,
    )
    is_of_admin = exists().where(
        users.c.id == chat_sessions.c.user_id, users.c.role == Role.PLATFORM_ADMIN
    )
    return _sessions_of(branch).where(~is_of_staff, ~is_of_admin)


def _content_progress(branch: Branch) -> Select[Any]:
    about = content_progress.c.content_item_id.in_(_items_of(branch))
    return select(content_progress.c.id).where(about)


def _module_progress(branch: Branch) -> Select[Any]:
    about = module_progress.c.module_id.in_(_modules_of(branch))
    return select(module_progress.c.id).where(about)


_HISTORY = (_learners_sessions, _content_progress, _module_progress)
"""What learners leave: each gives the rows of one table that lie in a branch."""


class SqlBranches:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def lock(self, branch: Branch) -> None:
        await self._lock(branch, _modules_of(branch), modules.c.id, key_share=True)
        await self._lock(branch, _items_of(branch), content_items.c.id, key_share=True)

    async def has_learner_history(self, branch: Branch) -> bool:
        found = or_(*(rows(branch).exists() for rows in _HISTORY))
        return bool(await self._sql.scalar(select(func.count()).where(found), **_ids_of(branch)))

    async def remove(self, branch: Branch) -> None:
        await self._lock(branch, _trees_of(branch), cache_trees.c.id, key_share=True)
        await self._lock(branch, _sessions_of(branch), chat_sessions.c.id)
        said = delete(chat_messages).where(chat_messages.c.session_id.in_(_sessions_of(branch)))
        cached = delete(cache_nodes).where(cache_nodes.c.tree_id.in_(_trees_of(branch)))
        ids = _ids_of(branch)
        left = [
            *await self._sql.all(said.returning(chat_messages.c.reply_id), **ids),
            *await self._sql.all(cached.returning(cache_nodes.c.reply_id), **ids),
        ]
        for rows, chosen in (
            (chat_sessions, _sessions_of(branch)),
            (cache_trees, _trees_of(branch)),
            (content_items, _items_of(branch)),
            (modules, _modules_of(branch)),
        ):
            await self._sql.run(delete(rows).where(rows.c.id.in_(chosen)), **ids)
        await erase_orphans(self._sql, (row.reply_id for row in left))

    async def _lock(
        self, branch: Branch, rows: Ids, key: ColumnElement[int], *, key_share: bool = False
    ) -> None:
        """Lock rows in the order of their ids, so that two who do it never wait for each other.

        `key_share`: foreign keys do not wait for this lock. A turn that has locked its session
        has them looked up, and we then wait for that session.
        """
        locked = rows.order_by(key).with_for_update(key_share=key_share)
        await self._sql.all(locked, **_ids_of(branch))
