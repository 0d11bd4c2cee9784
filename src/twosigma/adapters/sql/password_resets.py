"""Password resets."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import structs
from sqlalchemy import bindparam, delete, insert, select, update

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import password_resets
from twosigma.domain.password_resets import PasswordReset

_OF_USER = password_resets.c.user_id == bindparam("of")
_FIND = select(password_resets).where(password_resets.c.digest == bindparam("wanted"))
_ALL = select(password_resets).where(_OF_USER).order_by(password_resets.c.id)
_ADD = insert(password_resets)
_END = (
    update(password_resets)
    .where(_OF_USER, password_resets.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_REMOVE = delete(password_resets).where(_OF_USER)
_IS_OLD = password_resets.c.created_at < bindparam("before")
_REMOVE_OLD = _REMOVE.where(_IS_OLD)
_FORGET = delete(password_resets).where(_IS_OLD)


class SqlPasswordResets:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def find(self, digest: bytes) -> PasswordReset | None:
        row = await self._sql.first(_FIND, wanted=digest)
        return row and msgspec.convert(row, PasswordReset, from_attributes=True)

    async def of_user(self, user_id: int) -> Sequence[PasswordReset]:
        rows = await self._sql.all(_ALL, of=user_id)
        return [msgspec.convert(row, PasswordReset, from_attributes=True) for row in rows]

    async def add(self, reset: PasswordReset) -> None:
        await self._sql.run(_ADD, **structs.asdict(reset))

    async def end_all(self, user_id: int, now: datetime) -> None:
        await self._sql.run(_END, of=user_id, now=now)

    async def forget(self, before: datetime) -> None:
        await self._sql.run(_FORGET, before=before)

    async def remove(self, user_id: int, before: datetime | None = None) -> None:
        if before is None:
            await self._sql.run(_REMOVE, of=user_id)
        else:
            await self._sql.run(_REMOVE_OLD, of=user_id, before=before)
