"""Feature requests and the trail of their changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import feature_request_changes, feature_requests
from twosigma.domain.catalog import Page
from twosigma.domain.feature_requests import (
    FeatureRequest,
    RequestChange,
    RequestFields,
    RequestStatus,
)

_IS_IT = feature_requests.c.id == bindparam("request_id")
_GET = select(feature_requests).where(_IS_IT)
_LOCK = _GET.with_for_update()
_CHANGES = (
    select(feature_request_changes)
    .where(feature_request_changes.c.feature_request_id == bindparam("request_id"))
    .order_by(feature_request_changes.c.id)
)
_ADD = insert(feature_requests).returning(*feature_requests.c)
_SAVE = (
    update(feature_requests)
    .where(_IS_IT)
    .values({name: bindparam(f"new_{name}") for name in ("status", "admin_notes", "updated_at")})
)
_OVERWRITE = (
    update(feature_requests)
    .where(feature_requests.c.user_id == bindparam("of"))
    .values(title=bindparam("said"), description=bindparam("said"), updated_at=bindparam("now"))
)
_APPEND = insert(feature_request_changes)
_REMOVE = delete(feature_requests).where(_IS_IT)


class SqlFeatureRequests:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, request_id: int) -> FeatureRequest | None:
        row = await self._sql.first(_GET, request_id=request_id)
        return row and msgspec.convert(row, FeatureRequest, from_attributes=True)

    async def of_user(self, user_id: int, page: Page) -> tuple[Sequence[FeatureRequest], int]:
        own = select(feature_requests).where(feature_requests.c.user_id == user_id)
        return await self._newest(own, page)

    async def all(
        self, status: RequestStatus | None, page: Page
    ) -> tuple[Sequence[FeatureRequest], int]:
        wanted = select(feature_requests)
        if status is not None:
            wanted = wanted.where(feature_requests.c.status == status)
        return await self._newest(wanted, page)

    async def _newest(
        self, wanted: Select[Any], page: Page
    ) -> tuple[Sequence[FeatureRequest], int]:
        newest = wanted.order_by(feature_requests.c.created_at.desc(), feature_requests.c.id.desc())
        rows = await self._sql.all(newest.offset(page.skip).limit(page.limit))
        total = await self._sql.scalar(select(func.count()).select_from(wanted.subquery()))
        return [msgspec.convert(row, FeatureRequest, from_attributes=True) for row in rows], total

    async def changes(self, request_id: int) -> Sequence[RequestChange]:
        rows = await self._sql.all(_CHANGES, request_id=request_id)
        return [msgspec.convert(row, RequestChange, from_attributes=True) for row in rows]

    async def add(self, user_id: int, request: RequestFields, now: datetime) -> FeatureRequest:
        row = await self._sql.one(
            _ADD, user_id=user_id, title=request.title, description=request.description,
            status=RequestStatus.PENDING, created_at=now, updated_at=now,
        )  # fmt: skip
        return msgspec.convert(row, FeatureRequest, from_attributes=True)

    async def lock(self, request_id: int) -> FeatureRequest | None:
        row = await self._sql.first(_LOCK, request_id=request_id)
        return row and msgspec.convert(row, FeatureRequest, from_attributes=True)

    async def save(self, request: FeatureRequest) -> None:
        await self._sql.run(
            _SAVE, request_id=request.id, new_status=request.status,
            new_admin_notes=request.admin_notes, new_updated_at=request.updated_at,
        )  # fmt: skip

    async def overwrite(self, user_id: int, text: str, now: datetime) -> None:
        await self._sql.run(_OVERWRITE, of=user_id, said=text, now=now)

    async def append_change(self, change: RequestChange) -> None:
        await self._sql.run(_APPEND, **structs.asdict(change))

    async def remove(self, request_id: int) -> None:
        await self._sql.run(_REMOVE, request_id=request_id)
