"""Chat sessions: opening, turns, exchanges, sharing, erasing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import structs

from twosigma.adapters.memory.messages import MemoryTranscripts, append_exchange, erase_lines
from twosigma.adapters.memory.tables import Lease, append, plain
from twosigma.domain.cache_tree import Position
from twosigma.domain.catalog import Page
from twosigma.domain.chat import (
    Message,
    NewExchange,
    NewSession,
    NewTurn,
    Session,
    SessionTurn,
    Share,
    StoredReply,
    TurnStatus,
)
from twosigma.domain.context import Stamp
from twosigma.domain.replies import Reply


class MemoryChat(MemoryTranscripts):
    """A running turn's lease stands in a table of its own."""

    async def get(self, session_id: int) -> Session | None:
        session = self._tables.sessions.get(session_id)
        lease = self._tables.leases.get(session_id)
        if session is None or session.turn is None or lease is None:
            return session
        is_lost = self._tx.clock.now() >= lease.ends_at
        return structs.replace(session, turn=structs.replace(session.turn, is_lost=is_lost))

    async def lock(self, session_id: int) -> Session | None:
        return await self.get(session_id)

    async def shared(self, token: str) -> Session | None:
        session_id = self._tables.session_by_share.get(token)
        return None if session_id is None else await self.get(session_id)

    async def of_user(
        self, user_id: int, item_id: int | None, page: Page
    ) -> tuple[Sequence[Session], int]:
        ids = [
            each
            for each in reversed(self._tables.sessions_of_user.get(user_id) or ())
            if item_id is None or self._tables.sessions[each].content_item_id == item_id
        ]
        shown = [await self.get(each) for each in ids[page.skip : page.skip + page.limit]]
        return [session for session in shown if session is not None], len(ids)

    async def add(self, session: NewSession) -> Session:
        fields = {name: getattr(session, name) for name in NewSession.__struct_fields__}
        fields["content_context"] = plain(session.content_context)
        added = Session(id=self._tx.ids.next("sessions"), updated_at=session.created_at, **fields)
        self._tables.sessions.put(added.id, added)
        append(self._tables.sessions_of_user, added.user_id, added.id)
        return added

    async def start_turn(self, session_id: int, turn: NewTurn) -> None:
        session = self._tables.sessions[session_id]
        running = SessionTurn(
            id=turn.id, status=TurnStatus.RUNNING, content=turn.content,
            started_at=turn.started_at, key=turn.key, owner=turn.owner,
        )  # fmt: skip
        self._tables.sessions.put(session_id, structs.replace(session, turn=running))
        ends_at = self._tx.clock.now() + timedelta(seconds=turn.lease)
        lease = Lease(turn_id=turn.id, owner=turn.owner, ends_at=ends_at)
        self._tables.leases.put(session_id, lease)

    async def end_turn(
        self, session_id: int, turn_id: str, status: TurnStatus, detail: str | None
    ) -> bool:
        session = self._tables.sessions.get(session_id)
        lease = self._tables.leases.get(session_id)
        if session is None or session.turn is None or lease is None or lease.turn_id != turn_id:
            return False
        ended = structs.replace(session.turn, status=status, detail=detail)
        self._tables.sessions.put(session_id, structs.replace(session, turn=ended))
        self._tables.leases.pop(session_id)
        return True

    async def add_reply(self, reply: Reply) -> StoredReply:
        reply_id = self._tx.ids.next("replies")
        kept = Reply(text=reply.text, chunks=tuple(reply.chunks), body=reply.body)
        self._tables.replies.put(reply_id, kept)
        return StoredReply(id=reply_id, **structs.asdict(kept))

    async def add_exchange(self, exchange: NewExchange, *, is_greeting: bool) -> Message | None:
        session = self._tables.sessions[exchange.session_id]
        kept = structs.replace(
            exchange, user_meta=plain(exchange.user_meta), reply_meta=plain(exchange.reply_meta)
        )
        return append_exchange(self._tx, session, kept, is_greeting=is_greeting)

    async def move(
        self, session_id: int, position: Position, stamp: Stamp | None, now: datetime
    ) -> None:
        session = self._tables.sessions[session_id]
        moved = structs.replace(session, position=position, stamp=stamp, updated_at=now)
        self._tables.sessions.put(session_id, moved)

    async def set_share(self, session_id: int, share: Share | None) -> None:
        session = self._tables.sessions[session_id]
        if session.share is not None:
            self._tables.session_by_share.pop(session.share.token)
        if share is not None:
            self._tables.session_by_share.put(share.token, session_id)
        self._tables.sessions.put(session_id, structs.replace(session, share=share))

    async def remove(self, session_id: int) -> None:
        session = self._tables.sessions.pop(session_id)
        if session is None:
            return
        of_user = self._tables.sessions_of_user[session.user_id]
        left = tuple(each for each in of_user if each != session_id)
        self._tables.sessions_of_user.put(session.user_id, left)
        if session.share is not None:
            self._tables.session_by_share.pop(session.share.token)
        self._tables.leases.pop(session_id)
        erase_lines(self._tables, session_id)

    async def remove_of_user(self, user_id: int) -> Sequence[str]:
        ids = self._tables.sessions_of_user.get(user_id) or ()
        running = [self._tables.leases[each].turn_id for each in ids if each in self._tables.leases]
        for session_id in ids:
            await self.remove(session_id)
        return running
