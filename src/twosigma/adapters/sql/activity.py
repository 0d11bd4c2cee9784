"""Activity events."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import structs
from sqlalchemy import BindParameter, bindparam, func, insert, null, select, update

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import activity_events
from twosigma.adapters.sql.types import UtcHour
from twosigma.domain.activity import Active, ActivityEvent

_ids: BindParameter[int] = bindparam("user_ids", expanding=True)
_at = activity_events.c.occurred_at
_HOURS = (
    select(
        activity_events.c.user_id,
        activity_events.c.time_zone,
        func.min(_at).label("first"),
        func.max(_at).label("last"),
    )
    .where(activity_events.c.user_id.in_(_ids))
    .group_by(activity_events.c.user_id, activity_events.c.time_zone, UtcHour(_at))
)
_LAST_IN_COURSE = (
    select(activity_events.c.user_id, func.max(_at).label("last"))
    .where(
        activity_events.c.user_id.in_(_ids),
        activity_events.c.course_id == bindparam("course_id"),
    )
    .group_by(activity_events.c.user_id)
)
_OF_SESSION = (
    select(activity_events)
    .where(
        activity_events.c.session_id == bindparam("session_id"),
        activity_events.c.kind == "chat_turn",
    )
    .order_by(activity_events.c.id)
)
_OF_USER = (
    select(activity_events)
    .where(activity_events.c.user_id == bindparam("of"))
    .order_by(activity_events.c.occurred_at, activity_events.c.id)
)
_APPEND = insert(activity_events)
_FORGET_ANSWERS = (
    update(activity_events)
    .where(activity_events.c.user_id == bindparam("of"), activity_events.c.answer.is_not(None))
    .values(answer=null())
)


class SqlActivity:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def hours_of(self, user_ids: Sequence[int]) -> Mapping[int, Sequence[Active]]:
        ends: dict[int, set[Active]] = {}
        for row in await self._sql.all(_HOURS, user_ids=list(user_ids)):
            known = ends.setdefault(row.user_id, set())
            known |= {(row.first, row.time_zone), (row.last, row.time_zone)}
        return {user_id: sorted(known) for user_id, known in ends.items()}

    async def of_user(self, user_id: int) -> Sequence[ActivityEvent]:
        rows = await self._sql.all(_OF_USER, of=user_id)
        return [msgspec.convert(row, ActivityEvent, from_attributes=True) for row in rows]

    async def of_session(self, session_id: int) -> Sequence[ActivityEvent]:
        rows = await self._sql.all(_OF_SESSION, session_id=session_id)
        return [msgspec.convert(row, ActivityEvent, from_attributes=True) for row in rows]

    async def last_in_course(
        self, user_ids: Collection[int], course_id: int
    ) -> Mapping[int, datetime]:
        rows = await self._sql.all(_LAST_IN_COURSE, user_ids=list(user_ids), course_id=course_id)
        return {row.user_id: row.last for row in rows}

    async def append(self, event: ActivityEvent) -> None:
        await self._sql.run(_APPEND, **structs.asdict(event))

    async def forget_answers(self, user_id: int) -> None:
        await self._sql.run(_FORGET_ANSWERS, of=user_id)
