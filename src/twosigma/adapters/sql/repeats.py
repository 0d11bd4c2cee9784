"""Idempotency-Keys and their answers."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import idempotency_keys
from twosigma.domain.repeats import Answer, Kept, Request

_IS_IT = (
    idempotency_keys.c.user_id == bindparam("of_user"),
    idempotency_keys.c.key == bindparam("of_key"),
)
_GET = select(idempotency_keys).where(*_IS_IT)
_USE = insert(idempotency_keys).on_conflict_do_nothing(index_elements=["user_id", "key"])
_KEEP = (
    update(idempotency_keys)
    .where(*_IS_IT, idempotency_keys.c.request_digest == bindparam("of_digest"))
    .values({name: bindparam(f"new_{name}") for name in ("status", "headers", "body")})
)
_IS_OLD = idempotency_keys.c.created_at < bindparam("before")
_REMOVE = delete(idempotency_keys).where(*_IS_IT, _IS_OLD)
_FORGET = delete(idempotency_keys).where(_IS_OLD)
_REMOVE_ALL = delete(idempotency_keys).where(idempotency_keys.c.user_id == bindparam("of_user"))


class SqlRepeats:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, user_id: int, key: str) -> Kept | None:
        row = await self._sql.first(_GET, of_user=user_id, of_key=key)
        if row is None:
            return None
        answer = None
        if row.status is not None:
            headers = tuple((name, value) for name, value in row.headers)
            answer = Answer(status=row.status, headers=headers, body=bytes(row.body))
        return Kept(request_digest=row.request_digest, created_at=row.created_at, answer=answer)

    async def use(self, request: Request, now: datetime) -> bool:
        count = await self._sql.run(
            _USE, user_id=request.user_id, key=request.key, request_digest=request.digest,
            created_at=now,
        )  # fmt: skip
        return count == 1

    async def keep(self, request: Request, answer: Answer) -> None:
        await self._sql.run(
            _KEEP, of_user=request.user_id, of_key=request.key, of_digest=request.digest,
            new_status=answer.status, new_headers=[list(pair) for pair in answer.headers],
            new_body=answer.body,
        )  # fmt: skip

    async def remove(self, user_id: int, key: str, before: datetime) -> None:
        await self._sql.run(_REMOVE, of_user=user_id, of_key=key, before=before)

    async def forget(self, before: datetime) -> None:
        await self._sql.run(_FORGET, before=before)

    async def remove_all(self, user_id: int) -> None:
        await self._sql.run(_REMOVE_ALL, of_user=user_id)
