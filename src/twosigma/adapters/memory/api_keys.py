"""API keys."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.api_keys import ApiKey, NewApiKey
from twosigma.domain.catalog import Page


class MemoryApiKeys:
    def __init__(self, tx: Transaction) -> None:
        self._ids = tx.ids
        self._keys = tx.tables.api_keys
        self._by_public = tx.tables.api_key_by_public

    async def find(self, public_key: str) -> ApiKey | None:
        key_id = self._by_public.get(public_key)
        return None if key_id is None else self._keys[key_id]

    async def all(self, page: Page) -> tuple[Sequence[ApiKey], int]:
        rows = sorted(self._keys.values(), key=lambda key: key.id)
        return rows[page.skip : page.skip + page.limit], len(rows)

    async def of_user(self, user_id: int) -> Sequence[ApiKey]:
        rows = [key for key in self._keys.values() if key.user_id == user_id]
        return sorted(rows, key=lambda key: key.id)

    async def add(self, key: NewApiKey) -> ApiKey:
        added = ApiKey(id=self._ids.next("api_keys"), **structs.asdict(key))
        self._keys.put(added.id, added)
        self._by_public.put(added.public_key, added.id)
        return added

    async def lock(self, key_id: int) -> ApiKey | None:
        return self._keys.get(key_id)

    async def revoke(self, key_id: int, now: datetime) -> None:
        self._keys.put(key_id, structs.replace(self._keys[key_id], revoked_at=now))

    async def note_use(self, key_id: int, now: datetime) -> None:
        key = self._keys.get(key_id)
        if key is not None and (key.last_used_at is None or key.last_used_at < now):
            self._keys.put(key_id, structs.replace(key, last_used_at=now))

    async def remove_all(self, user_id: int) -> None:
        for key in await self.of_user(user_id):
            self._keys.pop(key.id)
            self._by_public.pop(key.public_key)
