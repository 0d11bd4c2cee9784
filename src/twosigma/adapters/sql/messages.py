"""Reading messages, and the completed turns they make."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, func, select

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import chat_messages, chat_sessions, replies
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Message, StoredTurn
from twosigma.domain.replies import Reply

_of_session = chat_messages.c.session_id == bindparam("session_id")
_ALL_MESSAGES = select(
    *(column for column in chat_messages.c if column.name not in {"content", "reply_id"}),
    func.coalesce(chat_messages.c.content, replies.c.text).label("content"),
).join_from(chat_messages, replies, isouter=True)
_MESSAGES = _ALL_MESSAGES.where(_of_session)
_OF_USER = (
    _ALL_MESSAGES.join(chat_sessions, chat_sessions.c.id == chat_messages.c.session_id)
    .where(chat_sessions.c.user_id == bindparam("of"))
    .order_by(chat_messages.c.session_id, chat_messages.c.ordinal)
)
_PAGE = (
    _MESSAGES.order_by(chat_messages.c.ordinal).offset(bindparam("skip")).limit(bindparam("count"))
)
_LAST = _MESSAGES.order_by(chat_messages.c.ordinal.desc()).limit(bindparam("count"))

_asked = chat_messages.alias("asked")
_TURNS = (
    select(
        chat_messages.c.turn_id,
        _asked.c.content.label("asked"),
        chat_messages.c.id.label("message_id"),
        replies.c.text,
        replies.c.chunks,
        replies.c.body,
    )
    .join_from(chat_messages, replies)
    .join(
        _asked,
        (_asked.c.session_id == chat_messages.c.session_id)
        & (_asked.c.ordinal == chat_messages.c.ordinal - 1),
    )
    .where(_of_session)
)
_TURN = _TURNS.where(chat_messages.c.turn_id == bindparam("turn_id"))
_TURN_BY_KEY = _TURNS.where(_asked.c.idempotency_key == bindparam("key"))
_GREETING = _TURNS.join(
    chat_sessions, chat_sessions.c.greeting_id == chat_messages.c.id
).where(chat_sessions.c.id == bindparam("session_id"))  # fmt: skip


def _messages(rows: Sequence[Row[Any]]) -> list[Message]:
    return [msgspec.convert(row, Message, from_attributes=True) for row in rows]


class SqlTranscripts:
    """The reading half of a session's messages."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def messages(self, session_id: int, page: Page) -> Sequence[Message]:
        return _messages(
            await self._sql.all(_PAGE, session_id=session_id, skip=page.skip, count=page.limit)
        )

    async def messages_of_user(self, user_id: int) -> Sequence[Message]:
        return _messages(await self._sql.all(_OF_USER, of=user_id))

    async def first_messages(self, session_id: int, count: int) -> Sequence[Message]:
        return await self.messages(session_id, Page(limit=count))

    async def last_messages(self, session_id: int, count: int) -> Sequence[Message]:
        return _messages(await self._sql.all(_LAST, session_id=session_id, count=count))[::-1]

    async def turn(self, session_id: int, turn_id: str) -> StoredTurn | None:
        return _stored(await self._sql.first(_TURN, session_id=session_id, turn_id=turn_id))

    async def turn_by_key(self, session_id: int, key: str) -> StoredTurn | None:
        return _stored(await self._sql.first(_TURN_BY_KEY, session_id=session_id, key=key))

    async def greeting(self, session_id: int) -> StoredTurn | None:
        return _stored(await self._sql.first(_GREETING, session_id=session_id))


def _stored(row: Row[Any] | None) -> StoredTurn | None:
    return row and StoredTurn(
        turn_id=row.turn_id, content=row.asked, message_id=row.message_id,
        reply=Reply(text=row.text, chunks=tuple(row.chunks), body=row.body),
    )  # fmt: skip
