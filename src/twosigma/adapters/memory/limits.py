"""Rate limits of this process, and failed sign-ins."""

from collections import OrderedDict
from collections.abc import Sequence

from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.rate_limits import Limit, taken
from twosigma.ports.clock import Clock

REMEMBERED = 100_000
"""How many keys are kept at most; the one that was asked for longest ago goes first."""


class MemoryRateLimiter:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: OrderedDict[str, tuple[float, ...]] = OrderedDict()

    def take(self, key: str, limit: Limit) -> float:
        times, wait = taken(self._times.pop(key, ()), self._clock.monotonic(), limit)
        self._times[key] = times
        if len(self._times) > REMEMBERED:
            self._times.popitem(last=False)
        return wait


class MemorySignInFailures:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def get(self, key: str) -> Sequence[float]:
        return self._tables.sign_in_failures.get(key) or ()

    async def lock(self, key: str) -> Sequence[float]:
        return await self.get(key)

    async def save(self, key: str, times: Sequence[float]) -> None:
        self._tables.sign_in_failures.put(key, tuple(times))

    async def remove(self, key: str) -> None:
        self._tables.sign_in_failures.pop(key)

    async def forget(self, before: float) -> None:
        for key, times in list(self._tables.sign_in_failures.items()):
            if times[-1] < before:
                self._tables.sign_in_failures.pop(key)
