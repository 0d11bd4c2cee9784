"""Failed sign-ins."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import sign_in_failures

_IS_IT = sign_in_failures.c.key == bindparam("of_key")
_GET = select(sign_in_failures.c.times).where(_IS_IT)
_LOCK = _GET.with_for_update()
_HOLD_PLACE = insert(sign_in_failures).on_conflict_do_nothing(index_elements=["key"])
_SAVE = (
    update(sign_in_failures)
    .where(_IS_IT)
    .values(times=bindparam("new_times"), last_at=bindparam("new_last_at"))
)
_REMOVE = delete(sign_in_failures).where(_IS_IT)
_FORGET = delete(sign_in_failures).where(sign_in_failures.c.last_at < bindparam("before"))


class SqlSignInFailures:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, key: str) -> Sequence[float]:
        return tuple(await self._sql.scalar(_GET, of_key=key) or ())

    async def lock(self, key: str) -> Sequence[float]:
        while True:
            await self._sql.run(_HOLD_PLACE, key=key, times=[], last_at=0)
            row = await self._sql.first(_LOCK, of_key=key)
            if row is not None:
                return tuple(row.times)
            # A removal came between: the next round adds the row.

    async def save(self, key: str, times: Sequence[float]) -> None:
        await self._sql.run(_SAVE, of_key=key, new_times=list(times), new_last_at=times[-1])

    async def remove(self, key: str) -> None:
        await self._sql.run(_REMOVE, of_key=key)

    async def forget(self, before: float) -> None:
        await self._sql.run(_FORGET, before=before)
