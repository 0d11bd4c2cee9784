"""Feature requests and the trail of their changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import Page
from twosigma.domain.feature_requests import (
    FeatureRequest,
    RequestChange,
    RequestFields,
    RequestStatus,
)


class FeatureRequestsReader(Protocol):
    async def get(self, request_id: int) -> FeatureRequest | None: ...

    async def of_user(self, user_id: int, page: Page) -> tuple[Sequence[FeatureRequest], int]:
        """A page of an account's requests, newest first, and how many there are in all."""
        ...

    async def all(
        self, status: RequestStatus | None, page: Page
    ) -> tuple[Sequence[FeatureRequest], int]:
        """A page of everybody's requests (of this status), newest first, and how many in all."""
        ...

    async def changes(self, request_id: int) -> Sequence[RequestChange]:
        """The trail of a request, oldest step first; it outlives the request."""
        ...


class FeatureRequests(FeatureRequestsReader, Protocol):
    async def add(self, user_id: int, request: RequestFields, now: datetime) -> FeatureRequest:
        """The new request of an account there is, pending and without notes."""
        ...

    async def lock(self, request_id: int) -> FeatureRequest | None:
        """The request, held until the transaction ends."""
        ...

    async def save(self, request: FeatureRequest) -> None:
        """Store status, notes and `updated_at`; what its author said never changes."""
        ...

    async def overwrite(self, user_id: int, text: str, now: datetime) -> None:
        """Put this text in the place of what an account said in all its requests."""
        ...

    async def append_change(self, change: RequestChange) -> None:
        """Add a step to a trail. Steps are never changed nor taken out."""
        ...

    async def remove(self, request_id: int) -> None:
        """Erase the request; its trail stays."""
        ...
