"""The audit log as platform admins read it, and the one look at another's chat that it allows."""

from collections.abc import Sequence

from msgspec import Struct

from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action, Entry, EntryFilter, NewEntry, checked_reason
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Message, Session
from twosigma.domain.errors import Missing
from twosigma.domain.message_meta import as_audited
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store


class Transcript(Struct, frozen=True, kw_only=True):
    """Another's session with a page of its messages, and how many it has."""

    session: Session
    messages: Sequence[Message]
    total: int


class AuditLog:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def entries(
        self, actor: Actor | None, wanted: EntryFilter, page: Page
    ) -> tuple[Sequence[Entry], int]:
        """The entries that fit, newest first, and how many in all. Raises Forbidden to less
        than a PLATFORM_ADMIN."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.read() as tx:
            return await tx.audit.entries(wanted, page)

    async def transcript(
        self, actor: Actor | None, session_id: int, reason: str, page: Page
    ) -> Transcript:
        """What a learner and the tutor said. That it is read, by whom and why, is committed to
        the log before anything is shown.

        Raises Forbidden to less than a PLATFORM_ADMIN, Invalid without a reason, Missing.
        """
        known = require(actor, Role.PLATFORM_ADMIN)
        why = checked_reason(reason, ("query", "reason"))
        async with self._store.write() as tx:
            session = await tx.chat.get(session_id)
            if session is None:
                raise Missing("Session not found")
            entry = NewEntry(
                occurred_at=self._clock.now(), actor_id=known.user_id,
                action=Action.TRANSCRIPT_READ, target_id=str(session_id),
                details={"user_id": session.user_id}, reason=why,
            )  # fmt: skip
            await tx.audit.append(entry)
            messages = await tx.chat.messages(session_id, page)
        shown = [as_audited(message) for message in messages]
        return Transcript(session=session, messages=shown, total=session.message_count)
