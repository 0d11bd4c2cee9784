"""Idempotency-Keys and their answers."""

from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.repeats import Answer, Kept, Request


class MemoryRepeats:
    def __init__(self, tx: Transaction) -> None:
        self._kept = tx.tables.idempotency_keys

    async def get(self, user_id: int, key: str) -> Kept | None:
        return self._kept.get((user_id, key))

    async def use(self, request: Request, now: datetime) -> bool:
        at = (request.user_id, request.key)
        if at in self._kept:
            return False
        self._kept.put(at, Kept(request_digest=request.digest, created_at=now))
        return True

    async def keep(self, request: Request, answer: Answer) -> None:
        at = (request.user_id, request.key)
        kept = self._kept.get(at)
        if kept is not None and kept.request_digest == request.digest:
            self._kept.put(at, structs.replace(kept, answer=answer))

    async def remove(self, user_id: int, key: str, before: datetime) -> None:
        kept = self._kept.get((user_id, key))
        if kept is not None and kept.created_at < before:
            self._kept.pop((user_id, key))

    async def forget(self, before: datetime) -> None:
        for at, kept in list(self._kept.items()):
            if kept.created_at < before:
                self._kept.pop(at)

    async def remove_all(self, user_id: int) -> None:
        for at, _ in list(self._kept.items()):
            if at[0] == user_id:
                self._kept.pop(at)
