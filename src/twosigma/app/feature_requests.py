"""Feature requests: anybody asks, staff (instructors and admins) decide."""

from collections.abc import Sequence

from msgspec import Struct

from twosigma.app.access import require_active
from twosigma.domain.actor import Actor, Role, has_role, require
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Forbidden, Missing
from twosigma.domain.feature_requests import (
    FeatureRequest,
    RequestFields,
    RequestStatus,
    RequestUpdate,
    changed,
    checked_request,
    checked_update,
    require_pending,
)
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class FeatureRequestView(Struct, frozen=True, kw_only=True):
    """A request as this actor sees it. `author`: for staff, who also see the notes; else None."""

    request: FeatureRequest
    author: User | None


class FeatureRequests:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def submit(self, actor: Actor, fields: RequestFields) -> FeatureRequestView:
        """A new request of the actor's, pending. Raises Invalid."""
        checked = checked_request(fields)
        async with self._store.write() as tx:
            require_active(await tx.accounts.hold(actor.user_id))
            added = await tx.feature_requests.add(actor.user_id, checked, self._clock.now())
            return await _viewed(tx, actor, added)

    async def mine(self, actor: Actor, page: Page) -> tuple[list[FeatureRequestView], int]:
        """The actor's own requests, newest first, and how many in all."""
        async with self._store.read() as tx:
            rows, total = await tx.feature_requests.of_user(actor.user_id, page)
            return await _all_viewed(tx, actor, rows), total

    async def all(
        self, actor: Actor | None, status: RequestStatus | None, page: Page
    ) -> tuple[list[FeatureRequestView], int]:
        """Everybody's requests (of this status), newest first, and how many in all.

        Raises Forbidden to less than an INSTRUCTOR.
        """
        known = require(actor, Role.INSTRUCTOR)
        async with self._store.read() as tx:
            rows, total = await tx.feature_requests.all(status, page)
            return await _all_viewed(tx, known, rows), total

    async def get(self, actor: Actor, request_id: int) -> FeatureRequestView:
        """One request; Missing to those who are neither its author nor staff."""
        async with self._store.read() as tx:
            request = _visible(actor, await tx.feature_requests.get(request_id))
            return await _viewed(tx, actor, request)

    async def update(
        self, actor: Actor | None, request_id: int, update: RequestUpdate
    ) -> FeatureRequestView:
        """Change what was sent; what is different then goes into the request's trail.

        Raises Forbidden to less than an INSTRUCTOR, Invalid, Missing.
        """
        known = require(actor, Role.INSTRUCTOR)
        checked = checked_update(update)
        async with self._store.write() as tx:
            before = _visible(known, await tx.feature_requests.lock(request_id))
            after, step = changed(before, checked, known.user_id, self._clock.now())
            if step is not None:
                await tx.feature_requests.save(after)
                await tx.feature_requests.append_change(step)
            return await _viewed(tx, known, after)

    async def remove(self, actor: Actor, request_id: int) -> None:
        """Take back one's own request while it is pending.

        Raises Missing as `get`, Forbidden to staff for another's, Conflict once it was taken up.
        """
        async with self._store.write() as tx:
            request = _visible(actor, await tx.feature_requests.lock(request_id))
            if request.user_id != actor.user_id:
                raise Forbidden("Only its author may delete a feature request")
            require_pending(request)
            await tx.feature_requests.remove(request_id)


def _visible(actor: Actor, request: FeatureRequest | None) -> FeatureRequest:
    if request is not None and (request.user_id == actor.user_id or _is_staff(actor)):
        return request
    raise Missing("Feature request not found")


def _is_staff(actor: Actor) -> bool:
    return has_role(actor, Role.INSTRUCTOR)


async def _viewed(tx: Read, actor: Actor, request: FeatureRequest) -> FeatureRequestView:
    return (await _all_viewed(tx, actor, [request]))[0]


async def _all_viewed(
    tx: Read, actor: Actor, rows: Sequence[FeatureRequest]
) -> list[FeatureRequestView]:
    if not _is_staff(actor):
        return [FeatureRequestView(request=row, author=None) for row in rows]
    authors = await tx.accounts.get_all({row.user_id for row in rows})
    return [FeatureRequestView(request=row, author=authors[row.user_id]) for row in rows]
