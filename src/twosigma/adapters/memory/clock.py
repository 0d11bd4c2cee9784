"""A clock that stands still until it is moved: for tests and simulations."""

import asyncio
import heapq
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
_CYCLES = 25
"""How many turns of the event loop let everything that was woken come to rest."""


class FixedClock:
    """Stands at an instant. `advance` moves it, and wakes in order all who wait for a time."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None] | asyncio.Timeout]] = []
        self._order = count()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def set(self, now: datetime) -> None:
        """Set the wall clock, as an operator would; no duration passes."""
        self._now = now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wait(seconds, future)
        await future

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        block = asyncio.timeout(None)
        self._wait(seconds, block)
        return block

    async def advance(self, seconds: float) -> None:
        """Let so much time pass; whoever waits for an instant in it runs at that instant."""
        end = self._monotonic + seconds
        await rest()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, waiter = heapq.heappop(self._sleepers)
            self._move(at)
            if isinstance(waiter, asyncio.Future):
                if not waiter.done():
                    waiter.set_result(None)
                    await rest()
            elif await _expire(waiter):
                await rest()
        self._move(end)

    def _wait(self, seconds: float, waiter: "asyncio.Future[None] | asyncio.Timeout") -> None:
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), waiter))

    def _move(self, at: float) -> None:
        self._now += timedelta(seconds=at - self._monotonic)
        self._monotonic = at


async def rest() -> None:
    """Let the event loop turn until what was woken waits again."""
    for _ in range(_CYCLES):
        await asyncio.sleep(0)


async def _expire(block: asyncio.Timeout) -> bool:
    """End a timeout's block, if somebody is in it still."""
    try:
        block.reschedule(asyncio.get_running_loop().time())
    except RuntimeError:
        return False
    return True
