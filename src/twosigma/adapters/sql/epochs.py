"""Epochs: counters that every write which can change a context raises in its own transaction."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import epochs

PLATFORM = 0
"""The row of what all courses share; no course has this id."""

_READ = select(epochs.c.course_id, epochs.c.n).where(
    epochs.c.course_id.in_([PLATFORM, bindparam("course_id")])
)
_RAISE = insert(epochs).on_conflict_do_update(
    index_elements=["course_id"], set_={"n": epochs.c.n + 1}
)


class SqlEpochs:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def read(self, course_id: int) -> tuple[int, int]:
        rows = await self._sql.all(_READ, course_id=course_id)
        found = {row.course_id: row.n for row in rows}
        return found.get(PLATFORM, 0), found.get(course_id, 0)

    async def raise_platform(self) -> None:
        await self.raise_course(PLATFORM)

    async def raise_course(self, course_id: int) -> None:
        await self._sql.run(_RAISE, course_id=course_id, n=1)
