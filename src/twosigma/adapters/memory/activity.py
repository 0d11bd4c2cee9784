"""Activity events."""

from collections.abc import Sequence
from datetime import datetime

from twosigma.adapters.memory.tables import Tables, Transaction, Use, append
from twosigma.domain.activity import ActivityEvent, Outcome


def append_event(tables: Tables, event: ActivityEvent) -> None:
    """Keep the event where it is looked for: by account, by session, by the node it hit."""
    append(tables.events_of_user, event.user_id, event)
    append(tables.events_of_session, event.session_id, event)
    if event.outcome is Outcome.HIT and event.node_id is not None:
        before = tables.node_uses.get(event.node_id)
        use = Use(hits=1, last=event.occurred_at)
        if before is not None:
            use = Use(hits=before.hits + 1, last=max(before.last, event.occurred_at))
        tables.node_uses.put(event.node_id, use)


class MemoryActivity:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def days_of(self, user_id: int) -> Sequence[tuple[datetime, str]]:
        events = self._tables.events_of_user.get(user_id) or ()
        days = [(event.occurred_at, event.time_zone) for event in events]
        return sorted(days, key=lambda day: day[0])

    async def of_session(self, session_id: int) -> Sequence[ActivityEvent]:
        return self._tables.events_of_session.get(session_id) or ()

    async def append(self, event: ActivityEvent) -> None:
        append_event(self._tables, event)
