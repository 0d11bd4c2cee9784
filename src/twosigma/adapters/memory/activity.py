"""Activity events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import Tables, Transaction, Use, append
from twosigma.domain.activity import Active, ActivityEvent, Outcome


def append_event(tables: Tables, event: ActivityEvent) -> None:
    """Keep the event where it is looked for: by account, by session, by the node it hit."""
    append(tables.events_of_user, event.user_id, event)
    if event.session_id is not None:
        append(tables.events_of_session, event.session_id, event)
    if event.outcome is Outcome.HIT and event.node_id is not None:
        before = tables.node_uses.get(event.node_id)
        use = Use(hits=1, last=event.occurred_at)
        if before is not None:
            use = Use(hits=before.hits + 1, last=max(before.last, event.occurred_at))
        tables.node_uses.put(event.node_id, use)


def _ends_of_hours(events: Iterable[ActivityEvent]) -> list[Active]:
    hours: dict[Active, list[datetime]] = {}
    for event in events:
        hour = event.occurred_at.replace(minute=0, second=0, microsecond=0)
        hours.setdefault((hour, event.time_zone), []).append(event.occurred_at)
    return sorted({(end(at), zone) for (_, zone), at in hours.items() for end in (min, max)})


def _without_answer(event: ActivityEvent) -> ActivityEvent:
    return structs.replace(event, answer=None)


class MemoryActivity:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def hours_of(self, user_ids: Sequence[int]) -> Mapping[int, Sequence[Active]]:
        events = {each: self._tables.events_of_user.get(each) for each in user_ids}
        return {each: _ends_of_hours(known) for each, known in events.items() if known}

    async def of_user(self, user_id: int) -> Sequence[ActivityEvent]:
        return self._tables.events_of_user.get(user_id) or ()

    async def of_session(self, session_id: int) -> Sequence[ActivityEvent]:
        return self._tables.events_of_session.get(session_id) or ()

    async def last_in_course(
        self, user_ids: Collection[int], course_id: int
    ) -> Mapping[int, datetime]:
        moments = {
            user_id: [
                event.occurred_at
                for event in self._tables.events_of_user.get(user_id) or ()
                if event.course_id == course_id
            ]
            for user_id in user_ids
        }
        return {user_id: max(known) for user_id, known in moments.items() if known}

    async def forget_answers(self, user_id: int) -> None:
        mine = self._tables.events_of_user
        mine.put(user_id, tuple(map(_without_answer, mine.get(user_id) or ())))
        by_session = self._tables.events_of_session
        for session_id in {each.session_id for each in mine[user_id] if each.session_id}:
            events = by_session.get(session_id) or ()
            by_session.put(session_id, tuple(map(_without_answer, events)))

    async def append(self, event: ActivityEvent) -> None:
        append_event(self._tables, event)
