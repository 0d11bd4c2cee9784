"""A store whose k-th call fails, as a database does that is lost in the middle of things."""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from twosigma.domain.errors import Unavailable
from twosigma.ports.chat import Hit, HitRequest
from twosigma.ports.store import Read, Store, Write


class FailingStore:
    """Counts every call of a transaction's parts, every begin and every commit; the one with
    the number `failing` raises Unavailable. `is_late`: a commit fails after it took place."""

    def __init__(self, store: Store, failing: int | None = None, *, is_late: bool = False) -> None:
        self._store = store
        self.failing = failing
        self.is_late = is_late
        self.calls = 0
        self.commits: list[int] = []

    def step(self) -> None:
        """One more call."""
        self.calls += 1
        if self.calls == self.failing:
            raise Unavailable("The database is away", retry_after=1)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        self.step()
        async with self._store.read() as tx:
            yield Parts(tx, self)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Write]:
        self.step()
        async with self._store.write() as tx:
            yield Parts(tx, self)
            self.commits.append(self.calls + 1)
            if not self.is_late:
                self.step()
        if self.is_late:
            self.step()

    async def advance(self, hit: HitRequest) -> Hit | None:
        self.step()
        return await self._store.advance(hit)

    async def renew(self, owner: str, lease: float) -> frozenset[str]:
        return await self._store.renew(owner, lease)

    async def require_ready(self) -> None:
        self.step()
        await self._store.require_ready()


class Parts:
    """A transaction, or a part of one, each of whose calls is a step."""

    def __init__(self, inner: object, store: FailingStore) -> None:
        self._inner = inner
        self._store = store

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return Parts(found, self._store)

        async def call(*args: object, **named: object) -> object:
            self._store.step()
            return await found(*args, **named)

        return call
