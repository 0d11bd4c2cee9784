"""Idempotency-Keys and the answers that are replayed for them."""

from datetime import datetime
from typing import Protocol

from twosigma.domain.repeats import Answer, Kept, Request


class RepeatsReader(Protocol):
    async def get(self, user_id: int, key: str) -> Kept | None: ...


class Repeats(RepeatsReader, Protocol):
    async def use(self, request: Request, now: datetime) -> bool:
        """Mark the key as used by this request; False, and nothing written, where it is used
        already (by whom ever: a request under way is waited for)."""
        ...

    async def keep(self, request: Request, answer: Answer) -> None:
        """Store the answer of a request whose key is used by it."""
        ...

    async def remove(self, user_id: int, key: str, before: datetime) -> None:
        """Free a key that was used before this instant."""
        ...

    async def forget(self, before: datetime) -> None:
        """Free every key that was used before this instant."""
        ...

    async def remove_all(self, user_id: int) -> None:
        """Free every key of an account, answers and all."""
        ...
