"""Chat sessions: opening, turns, exchanges, sharing, erasing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import bindparam, case, delete, func, insert, literal, null, select, update

from twosigma.adapters.sql.erase import erase_orphans
from twosigma.adapters.sql.messages import SqlTranscripts
from twosigma.adapters.sql.schema import chat_messages, chat_sessions, replies
from twosigma.adapters.sql.sessions import SESSIONS, position_values, session_of, share_values
from twosigma.adapters.sql.types import DatabaseSeconds
from twosigma.domain.cache_tree import Position
from twosigma.domain.catalog import Page
from twosigma.domain.chat import (
    Message,
    NewExchange,
    NewSession,
    NewTurn,
    Session,
    Share,
    StoredReply,
    TurnStatus,
)
from twosigma.domain.context import Stamp
from twosigma.domain.replies import Reply

_is_it = chat_sessions.c.id == bindparam("session_id")
_GET = SESSIONS.where(_is_it)
_LOCK = _GET.with_for_update()
_SHARED = SESSIONS.where(chat_sessions.c.share_token == bindparam("token"))
_ADD = insert(chat_sessions).returning(chat_sessions.c.id)
_CHANGE = update(chat_sessions).where(_is_it)
_START = _CHANGE.values(
    turn_id=bindparam("of_turn"), turn_status=TurnStatus.RUNNING, turn_content=bindparam("content"),
    turn_key=bindparam("key"), turn_started_at=bindparam("started_at"),
    turn_lease=DatabaseSeconds() + bindparam("lease"), turn_owner=bindparam("owner"),
    turn_detail=null(),
)  # fmt: skip
_is_running_it = (
    _is_it,
    chat_sessions.c.turn_id == bindparam("of_turn"),
    chat_sessions.c.turn_status == TurnStatus.RUNNING,
)
_END = (
    update(chat_sessions)
    .where(*_is_running_it)
    .values(turn_status=bindparam("status"), turn_detail=bindparam("detail"), turn_lease=null())
)
_is_same_turn = chat_sessions.c.turn_id == bindparam("of_turn")
_COMPLETE = _CHANGE.values(
    message_count=chat_sessions.c.message_count + 2,
    turn_id=bindparam("of_turn"), turn_status=TurnStatus.COMPLETED,
    turn_content=bindparam("content"), turn_key=bindparam("key"),
    turn_started_at=case(
        (_is_same_turn, chat_sessions.c.turn_started_at), else_=bindparam("at")
    ),
    turn_owner=case((_is_same_turn, chat_sessions.c.turn_owner), else_=null()),
    turn_lease=null(), turn_detail=null(), updated_at=bindparam("at"),
    greeting_id=func.coalesce(bindparam("greeting"), chat_sessions.c.greeting_id),
)  # fmt: skip

_ADD_REPLY = insert(replies).returning(replies.c.id)
_KEY = select(literal(1)).where(
    chat_messages.c.session_id == bindparam("session_id"),
    chat_messages.c.idempotency_key == bindparam("key"),
)
_BEFORE = (
    select(chat_sessions.c.message_count, replies.c.text)
    .join_from(chat_sessions, replies, replies.c.id == bindparam("reply_id"))
    .where(_is_it)
)
_ADD_MESSAGE = insert(chat_messages).returning(chat_messages.c.id)
_ERASE_MESSAGES = (
    delete(chat_messages)
    .where(chat_messages.c.session_id == bindparam("session_id"))
    .returning(chat_messages.c.reply_id)
)
_ERASE = delete(chat_sessions).where(_is_it)
# Locked in the order of ids, as a prune does, so that the two never wait for each other.
_LOCK_OF_USER = (
    select(chat_sessions.c.id, chat_sessions.c.turn_id, chat_sessions.c.turn_status)
    .where(chat_sessions.c.user_id == bindparam("of"))
    .order_by(chat_sessions.c.id)
    .with_for_update()
)
_OF_USER = select(chat_sessions.c.id).where(chat_sessions.c.user_id == bindparam("of"))
_ERASE_MESSAGES_OF_USER = (
    delete(chat_messages)
    .where(chat_messages.c.session_id.in_(_OF_USER))
    .returning(chat_messages.c.reply_id)
)
_ERASE_OF_USER = delete(chat_sessions).where(chat_sessions.c.user_id == bindparam("of"))


class SqlChat(SqlTranscripts):
    async def get(self, session_id: int) -> Session | None:
        row = await self._sql.first(_GET, session_id=session_id)
        return row and session_of(row)

    async def lock(self, session_id: int) -> Session | None:
        row = await self._sql.first(_LOCK, session_id=session_id)
        return row and session_of(row)

    async def shared(self, token: str) -> Session | None:
        row = await self._sql.first(_SHARED, token=token)
        return row and session_of(row)

    async def of_user(
        self, user_id: int, item_id: int | None, page: Page
    ) -> tuple[Sequence[Session], int]:
        owned = [chat_sessions.c.user_id == user_id]
        if item_id is not None:
            owned.append(chat_sessions.c.content_item_id == item_id)
        newest = SESSIONS.where(*owned).order_by(chat_sessions.c.id.desc())
        rows = await self._sql.all(newest.offset(page.skip).limit(page.limit))
        total = await self._sql.scalar(select(func.count(chat_sessions.c.id)).where(*owned))
        return [session_of(row) for row in rows], total

    async def add(self, session: NewSession) -> Session:
        plain = ("user_id", "content_item_id", "course_id", "locale", "title", "created_at")
        session_id = await self._sql.scalar(
            _ADD, **{name: getattr(session, name) for name in plain},
            content_context=dict(session.content_context), updated_at=session.created_at,
            message_count=0, **position_values(session.position, session.stamp),
        )  # fmt: skip
        return Session(
            **{name: getattr(session, name) for name in NewSession.__struct_fields__},
            id=session_id, updated_at=session.created_at,
        )  # fmt: skip

    async def start_turn(self, session_id: int, turn: NewTurn) -> None:
        values = structs.asdict(turn)
        await self._sql.run(_START, session_id=session_id, of_turn=values.pop("id"), **values)

    async def end_turn(
        self, session_id: int, turn_id: str, status: TurnStatus, detail: str | None
    ) -> bool:
        ended = await self._sql.run(
            _END, session_id=session_id, of_turn=turn_id, status=status, detail=detail
        )
        return ended > 0

    async def add_reply(self, reply: Reply) -> StoredReply:
        values = {"text": reply.text, "chunks": list(reply.chunks), "body": reply.body}
        reply_id = await self._sql.scalar(_ADD_REPLY, **values)
        return StoredReply(id=reply_id, text=reply.text, chunks=reply.chunks, body=reply.body)

    async def add_exchange(self, exchange: NewExchange, *, is_greeting: bool) -> Message | None:
        of_it = {"session_id": exchange.session_id}
        if exchange.key is not None and await self._sql.scalar(_KEY, **of_it, key=exchange.key):
            return None
        before = await self._sql.one(_BEFORE, **of_it, reply_id=exchange.reply_id)
        await self._add_message(
            exchange, before.message_count, role="user", content=exchange.content,
            canonical=exchange.canonical, meta=dict(exchange.user_meta),
            idempotency_key=exchange.key,
        )  # fmt: skip
        message_id = await self._add_message(
            exchange, before.message_count + 1, role="assistant", reply_id=exchange.reply_id,
            meta=dict(exchange.reply_meta),
        )  # fmt: skip
        await self._sql.run(
            _COMPLETE, **of_it, of_turn=exchange.turn_id, content=exchange.content,
            key=exchange.key, at=exchange.at, greeting=message_id if is_greeting else None,
        )  # fmt: skip
        return Message(
            id=message_id, session_id=exchange.session_id, ordinal=before.message_count + 1,
            role="assistant", content=before.text, meta=exchange.reply_meta,
            turn_id=exchange.turn_id, created_at=exchange.at,
        )  # fmt: skip

    async def _add_message(self, exchange: NewExchange, ordinal: int, **values: Any) -> int:
        message_id: int = await self._sql.scalar(
            _ADD_MESSAGE, session_id=exchange.session_id, ordinal=ordinal,
            turn_id=exchange.turn_id, created_at=exchange.at, **values,
        )  # fmt: skip
        return message_id

    async def move(
        self, session_id: int, position: Position, stamp: Stamp | None, now: datetime
    ) -> None:
        values = position_values(position, stamp)
        await self._sql.run(_CHANGE.values(**values, updated_at=now), session_id=session_id)

    async def set_share(self, session_id: int, share: Share | None) -> None:
        await self._sql.run(_CHANGE.values(**share_values(share)), session_id=session_id)

    async def remove(self, session_id: int) -> None:
        await self._sql.first(_LOCK, session_id=session_id)
        rows = await self._sql.all(_ERASE_MESSAGES, session_id=session_id)
        await self._sql.run(_ERASE, session_id=session_id)
        await erase_orphans(self._sql, (row.reply_id for row in rows))

    async def remove_of_user(self, user_id: int) -> Sequence[str]:
        sessions = await self._sql.all(_LOCK_OF_USER, of=user_id)
        rows = await self._sql.all(_ERASE_MESSAGES_OF_USER, of=user_id)
        await self._sql.run(_ERASE_OF_USER, of=user_id)
        await erase_orphans(self._sql, (row.reply_id for row in rows))
        return [each.turn_id for each in sessions if each.turn_status == TurnStatus.RUNNING]
