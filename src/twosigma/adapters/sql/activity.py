"""Activity events."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import structs
from sqlalchemy import bindparam, insert, select

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import activity_events
from twosigma.domain.activity import ActivityEvent

_DAYS = (
    select(activity_events.c.occurred_at, activity_events.c.time_zone)
    .where(activity_events.c.user_id == bindparam("user_id"))
    .order_by(activity_events.c.occurred_at, activity_events.c.id)
)
_OF_SESSION = (
    select(activity_events)
    .where(
        activity_events.c.session_id == bindparam("session_id"),
        activity_events.c.kind == "chat_turn",
    )
    .order_by(activity_events.c.id)
)
_APPEND = insert(activity_events)


class SqlActivity:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def days_of(self, user_id: int) -> Sequence[tuple[datetime, str]]:
        rows = await self._sql.all(_DAYS, user_id=user_id)
        return [(row.occurred_at, row.time_zone) for row in rows]

    async def of_session(self, session_id: int) -> Sequence[ActivityEvent]:
        rows = await self._sql.all(_OF_SESSION, session_id=session_id)
        return [msgspec.convert(row, ActivityEvent, from_attributes=True) for row in rows]

    async def append(self, event: ActivityEvent) -> None:
        await self._sql.run(_APPEND, **structs.asdict(event))
