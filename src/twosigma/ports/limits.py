"""Rate limits, and failed sign-ins."""

from collections.abc import Sequence
from typing import Protocol

from twosigma.domain.rate_limits import Limit


class RateLimiter(Protocol):
    def take(self, key: str, limit: Limit) -> float:
        """Count one more for this key, and give 0; or, where the limit is used up, count
        nothing and give the seconds until it is not."""
        ...


class SignInFailuresReader(Protocol):
    async def get(self, key: str) -> Sequence[float]:
        """When sign-ins for this key failed lately, in Unix seconds, ascending."""
        ...


class SignInFailures(SignInFailuresReader, Protocol):
    async def lock(self, key: str) -> Sequence[float]:
        """As `get`, and nobody else changes them until the transaction ends."""
        ...

    async def save(self, key: str, times: Sequence[float]) -> None:
        """Store them, ascending and not empty. Needs `lock`."""
        ...

    async def remove(self, key: str) -> None:
        """Forget them."""
        ...

    async def forget(self, before: float) -> None:
        """Forget every key whose last failure lies before this instant."""
        ...
