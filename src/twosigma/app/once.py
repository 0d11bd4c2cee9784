"""Requests with an Idempotency-Key: done once, answered as often as they are sent.

The key is marked in the very transaction in which the request first writes (`OnceStore`), so
that a process that dies cannot have done a thing and forgotten its key.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar

from twosigma.domain.errors import Unavailable
from twosigma.domain.repeats import LIFE, Answer, Request, is_over, replay
from twosigma.ports.chat import Hit, HitRequest
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store, Write

LOOKS = 50
LOOK_SECONDS = 0.1

_log = logging.getLogger(__name__)


class Repeated(Exception):
    """Another request with this key was there first; this one's transaction is undone."""


class _Mark:
    """Whether the key of the request under way is marked as used."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.is_set = False


_current: ContextVar[_Mark | None] = ContextVar("idempotent_request", default=None)


class OnceStore:
    """A store whose first write of a request that has a key also marks the key."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def read(self) -> AbstractAsyncContextManager[Read]:
        return self._store.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Write]:
        mark = _current.get()
        if mark is None or mark.is_set:
            async with self._store.write() as tx:
                yield tx
            return
        async with self._store.write() as tx:
            yield tx
            if not await tx.repeats.use(mark.request, self._clock.now()):
                raise Repeated
        mark.is_set = True

    async def advance(self, hit: HitRequest) -> Hit | None:
        return await self._store.advance(hit)

    async def renew(self, owner: str, lease: float) -> frozenset[str]:
        return await self._store.renew(owner, lease)

    async def require_ready(self) -> None:
        await self._store.require_ready()


class Once:
    """Over the bare store: what it writes itself marks no key."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def answer(self, request: Request, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `make` gives, or gave when this request was first sent.

        Raises Conflict for a key that was used with another request, or whose answer was lost;
        Unavailable while the first request is still under way.
        """
        known = await self._known(request)
        if known is not None:
            return known
        mark = _Mark(request)
        token = _current.set(mark)
        try:
            answer = await make()
        except Repeated:
            answer = await self._known(request) or _under_way()
        finally:
            _current.reset(token)
        if mark.is_set:
            await self._keep(request, answer)
        return answer

    async def forget(self) -> None:
        """Free the keys that are over; for the daily upkeep."""
        async with self._store.write() as tx:
            await tx.repeats.forget(self._clock.now() - LIFE)

    async def _known(self, request: Request) -> Answer | None:
        """The answer that was given; None for a key that is free."""
        for _ in range(LOOKS):
            async with self._store.read() as tx:
                kept = await tx.repeats.get(request.user_id, request.key)
            now = self._clock.now()
            if kept is None:
                return None
            if is_over(kept, now):
                async with self._store.write() as tx:
                    await tx.repeats.remove(request.user_id, request.key, now - LIFE)
                return None
            answer = replay(kept, request, now)
            if answer is not None:
                return answer
            await self._clock.sleep(LOOK_SECONDS)
        return _under_way()

    async def _keep(self, request: Request, answer: Answer) -> None:
        try:
            async with self._store.write() as tx:
                await tx.repeats.keep(request, answer)
        except Unavailable:
            # It is done and answered; only a client that asks again will not be told.
            _log.warning("the answer of a request with an Idempotency-Key could not be kept")


def _under_way() -> Answer:
    raise Unavailable("This request is still being carried out", retry_after=1)
