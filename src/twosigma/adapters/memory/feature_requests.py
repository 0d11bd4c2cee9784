"""Feature requests and the trail of their changes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import Transaction, append
from twosigma.domain.catalog import Page
from twosigma.domain.feature_requests import (
    FeatureRequest,
    RequestChange,
    RequestFields,
    RequestStatus,
)


def _newest(requests: Iterable[FeatureRequest], page: Page) -> tuple[Sequence[FeatureRequest], int]:
    rows = sorted(requests, key=lambda row: (row.created_at, row.id), reverse=True)
    return rows[page.skip : page.skip + page.limit], len(rows)


class MemoryFeatureRequests:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def get(self, request_id: int) -> FeatureRequest | None:
        return self._tables.feature_requests.get(request_id)

    async def of_user(self, user_id: int, page: Page) -> tuple[Sequence[FeatureRequest], int]:
        rows = self._tables.feature_requests.values()
        return _newest((row for row in rows if row.user_id == user_id), page)

    async def all(
        self, status: RequestStatus | None, page: Page
    ) -> tuple[Sequence[FeatureRequest], int]:
        rows = self._tables.feature_requests.values()
        return _newest((row for row in rows if status in (None, row.status)), page)

    async def changes(self, request_id: int) -> Sequence[RequestChange]:
        return self._tables.feature_request_changes.get(request_id) or ()

    async def add(self, user_id: int, request: RequestFields, now: datetime) -> FeatureRequest:
        added = FeatureRequest(
            id=self._ids.next("feature_requests"), user_id=user_id, title=request.title,
            description=request.description, created_at=now, updated_at=now,
        )  # fmt: skip
        self._tables.feature_requests.put(added.id, added)
        return added

    async def lock(self, request_id: int) -> FeatureRequest | None:
        return self._tables.feature_requests.get(request_id)

    async def save(self, request: FeatureRequest) -> None:
        before = self._tables.feature_requests.get(request.id)
        if before is not None:
            after = structs.replace(
                before, status=request.status, admin_notes=request.admin_notes,
                updated_at=request.updated_at,
            )  # fmt: skip
            self._tables.feature_requests.put(request.id, after)

    async def overwrite(self, user_id: int, text: str, now: datetime) -> None:
        own = [row for row in self._tables.feature_requests.values() if row.user_id == user_id]
        for row in own:
            after = structs.replace(row, title=text, description=text, updated_at=now)
            self._tables.feature_requests.put(row.id, after)

    async def append_change(self, change: RequestChange) -> None:
        append(self._tables.feature_request_changes, change.feature_request_id, change)

    async def remove(self, request_id: int) -> None:
        self._tables.feature_requests.pop(request_id)
