"""Transcripts: messages appended and read; the replies they share with the tree."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import structs

from twosigma.adapters.memory.tables import Line, Tables, Transaction
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Message, NewExchange, Session, SessionTurn, StoredTurn, TurnStatus
from twosigma.domain.replies import Reply


def refer(tables: Tables, reply_id: int) -> Reply:
    """The reply, referred to once more. Raises KeyError where there is none."""
    reply = tables.replies[reply_id]
    tables.reply_uses.put(reply_id, (tables.reply_uses.get(reply_id) or 0) + 1)
    return reply


def release(tables: Tables, reply_id: int) -> None:
    """One reference less; a reply without any is erased."""
    left = (tables.reply_uses.get(reply_id) or 0) - 1
    if left > 0:
        tables.reply_uses.put(reply_id, left)
    else:
        tables.reply_uses.pop(reply_id)
        tables.replies.pop(reply_id)


def append_exchange(
    tx: Transaction, session: Session, exchange: NewExchange, *, is_greeting: bool
) -> Message | None:
    """Append both messages and complete the turn; None (and nothing written) for a used key.

    The metas of the exchange are kept as they are.
    """
    tables = tx.tables
    if exchange.key is not None and (session.id, exchange.key) in tables.keys:
        return None
    reply = refer(tables, exchange.reply_id)
    lines = tables.lines.get(session.id) or ()

    def message(
        after: int, role: Literal["user", "assistant"], content: str, meta: Mapping[str, object],
        canonical: str | None = None,
    ) -> Message:  # fmt: skip
        return Message(
            id=tx.ids.next("messages"), session_id=session.id, ordinal=len(lines) + after,
            role=role, content=content, meta=meta, turn_id=exchange.turn_id,
            created_at=exchange.at, canonical=canonical,
        )  # fmt: skip

    asked = message(0, "user", exchange.content, exchange.user_meta, exchange.canonical)
    replied = message(1, "assistant", reply.text, exchange.reply_meta)
    pair = (
        Line(message=asked, key=exchange.key),
        Line(message=replied, reply_id=exchange.reply_id),
    )
    tables.lines.put(session.id, lines + pair)
    if exchange.key is not None:
        tables.keys.put((session.id, exchange.key), asked.ordinal)
    tables.leases.pop(session.id)
    done = structs.replace(
        session, message_count=len(lines) + 2, turn=_completed(session.turn, exchange),
        greeting_id=replied.id if is_greeting else session.greeting_id, updated_at=exchange.at,
    )  # fmt: skip
    tables.sessions.put(session.id, done)
    return replied


def _completed(turn: SessionTurn | None, exchange: NewExchange) -> SessionTurn:
    was = turn if turn is not None and turn.id == exchange.turn_id else None
    return SessionTurn(
        id=exchange.turn_id, status=TurnStatus.COMPLETED, content=exchange.content,
        started_at=exchange.at if was is None else was.started_at, key=exchange.key,
        owner=None if was is None else was.owner,
    )  # fmt: skip


def erase_lines(tables: Tables, session_id: int) -> None:
    """Erase a session's messages, and the replies that nobody else refers to."""
    for line in tables.lines.pop(session_id) or ():
        if line.key is not None:
            tables.keys.pop((session_id, line.key))
        if line.reply_id is not None:
            release(tables, line.reply_id)


class MemoryTranscripts:
    """The reading half of a session's messages."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._tables = tx.tables

    async def messages(self, session_id: int, page: Page) -> Sequence[Message]:
        return self._slice(session_id, page.skip, page.skip + page.limit)

    async def last_messages(self, session_id: int, count: int) -> Sequence[Message]:
        length = len(self._tables.lines.get(session_id) or ())
        return self._slice(session_id, max(0, length - count), length)

    async def messages_of_user(self, user_id: int) -> Sequence[Message]:
        ids = sorted(self._tables.sessions_of_user.get(user_id) or ())
        return [line.message for each in ids for line in self._tables.lines.get(each) or ()]

    async def first_messages(self, session_id: int, count: int) -> Sequence[Message]:
        return self._slice(session_id, 0, count)

    async def turn(self, session_id: int, turn_id: str) -> StoredTurn | None:
        for at, line in self._replies(session_id):
            if line.message.turn_id == turn_id:
                return self._stored(session_id, at)
        return None

    async def turn_by_key(self, session_id: int, key: str) -> StoredTurn | None:
        ordinal = self._tables.keys.get((session_id, key))
        return None if ordinal is None else self._stored(session_id, ordinal + 1)

    async def greeting(self, session_id: int) -> StoredTurn | None:
        session = self._tables.sessions.get(session_id)
        if session is None or session.greeting_id is None:
            return None
        for at, line in self._replies(session_id):
            if line.message.id == session.greeting_id:
                return self._stored(session_id, at)
        return None

    def _slice(self, session_id: int, start: int, end: int) -> list[Message]:
        lines = self._tables.lines.get(session_id) or ()
        return [line.message for line in lines[start:end]]

    def _replies(self, session_id: int) -> Iterator[tuple[int, Line]]:
        lines = self._tables.lines.get(session_id) or ()
        return ((at, line) for at, line in enumerate(lines) if line.reply_id is not None)

    def _stored(self, session_id: int, at: int) -> StoredTurn | None:
        """The turn whose reply stands at this ordinal."""
        asked, replied = self._tables.lines[session_id][at - 1 : at + 1]
        if replied.reply_id is None:
            return None
        return StoredTurn(
            turn_id=replied.message.turn_id, content=asked.message.content,
            message_id=replied.message.id, reply=self._tables.replies[replied.reply_id],
        )  # fmt: skip
