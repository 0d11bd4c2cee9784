"""Ports that wait where a test wants them to: the moment between two steps, made long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from twosigma.adapters.memory.flights import MemoryFlight, MemoryFlights
from twosigma.domain.cache_tree import Edge
from twosigma.ports.chat import Hit, HitRequest
from twosigma.ports.store import Read, Store, Write


class Gate:
    """Closed, it holds the next who comes until it is opened."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._armed = False

    def close(self) -> None:
        self._armed = True
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def pass_one(self) -> None:
        if self._armed:
            self._armed = False
            await self._open.wait()


class GatedStore:
    """A store whose next write waits at `writes`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.writes = Gate()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        async with self._store.read() as tx:
            yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Write]:
        await self.writes.pass_one()
        async with self._store.write() as tx:
            yield tx

    async def advance(self, hit: HitRequest) -> Hit | None:
        return await self._store.advance(hit)

    async def renew(self, owner: str, lease: float) -> frozenset[str]:
        return await self._store.renew(owner, lease)

    async def require_ready(self) -> None:
        await self._store.require_ready()


class GatedFlights(MemoryFlights):
    """Flights whose next passenger waits at `boarding`."""

    def __init__(self) -> None:
        super().__init__()
        self.boarding = Gate()

    async def join(self, edge: Edge | None, reader: str) -> tuple[MemoryFlight, bool]:
        await self.boarding.pass_one()
        return await super().join(edge, reader)
