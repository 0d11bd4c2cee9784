"""Password resets."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import Transaction, append
from twosigma.domain.password_resets import PasswordReset


class MemoryPasswordResets:
    def __init__(self, tx: Transaction) -> None:
        self._resets = tx.tables.password_resets

    async def find(self, digest: bytes) -> PasswordReset | None:
        known = (reset for of_user in self._resets.values() for reset in of_user)
        return next((reset for reset in known if reset.digest == digest), None)

    async def of_user(self, user_id: int) -> Sequence[PasswordReset]:
        return self._resets.get(user_id) or ()

    async def add(self, reset: PasswordReset) -> None:
        append(self._resets, reset.user_id, reset)

    async def end_all(self, user_id: int, now: datetime) -> None:
        ended = [
            reset if reset.ended_at is not None else structs.replace(reset, ended_at=now)
            for reset in await self.of_user(user_id)
        ]
        self._resets.put(user_id, tuple(ended))

    async def forget(self, before: datetime) -> None:
        for user_id in [user_id for user_id, _ in self._resets.items()]:
            await self.remove(user_id, before)

    async def remove(self, user_id: int, before: datetime | None = None) -> None:
        of_user = self._resets.pop(user_id) or ()
        kept = tuple(reset for reset in of_user if before and reset.created_at >= before)
        if kept:
            self._resets.put(user_id, kept)
