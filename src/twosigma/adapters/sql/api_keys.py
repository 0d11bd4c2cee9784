"""API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Row, bindparam, delete, func, insert, or_, select, update

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import api_keys
from twosigma.domain.api_keys import ApiKey, NewApiKey
from twosigma.domain.catalog import Page

_IS_IT = api_keys.c.id == bindparam("key_id")
_OF_USER = api_keys.c.user_id == bindparam("of")
_FIND = select(api_keys).where(api_keys.c.public_key == bindparam("wanted"))
_ALL = select(api_keys).order_by(api_keys.c.id)
_COUNT = select(func.count()).select_from(api_keys)
_OWN = _ALL.where(_OF_USER)
_ADD = insert(api_keys).returning(*api_keys.c)
_LOCK = select(api_keys).where(_IS_IT).with_for_update()
_REVOKE = update(api_keys).where(_IS_IT).values(revoked_at=bindparam("now"))
_USED_BEFORE = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < bindparam("now"))
_NOTE_USE = update(api_keys).where(_IS_IT, _USED_BEFORE).values(last_used_at=bindparam("now"))
_REMOVE = delete(api_keys).where(_OF_USER)


class SqlApiKeys:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def find(self, public_key: str) -> ApiKey | None:
        row = await self._sql.first(_FIND, wanted=public_key)
        return row and _key(row)

    async def all(self, page: Page) -> tuple[Sequence[ApiKey], int]:
        rows = await self._sql.all(_ALL.offset(page.skip).limit(page.limit))
        return [_key(row) for row in rows], await self._sql.scalar(_COUNT)

    async def of_user(self, user_id: int) -> Sequence[ApiKey]:
        return [_key(row) for row in await self._sql.all(_OWN, of=user_id)]

    async def add(self, key: NewApiKey) -> ApiKey:
        return _key(await self._sql.one(_ADD, **structs.asdict(key)))

    async def lock(self, key_id: int) -> ApiKey | None:
        row = await self._sql.first(_LOCK, key_id=key_id)
        return row and _key(row)

    async def revoke(self, key_id: int, now: datetime) -> None:
        await self._sql.run(_REVOKE, key_id=key_id, now=now)

    async def note_use(self, key_id: int, now: datetime) -> None:
        await self._sql.run(_NOTE_USE, key_id=key_id, now=now)

    async def remove_all(self, user_id: int) -> None:
        await self._sql.run(_REMOVE, of=user_id)


def _key(row: Row[Any]) -> ApiKey:
    return msgspec.convert(row, ApiKey, from_attributes=True)
