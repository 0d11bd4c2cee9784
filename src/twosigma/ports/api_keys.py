"""API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.api_keys import ApiKey, NewApiKey
from twosigma.domain.catalog import Page


class ApiKeysReader(Protocol):
    async def find(self, public_key: str) -> ApiKey | None: ...

    async def all(self, page: Page) -> tuple[Sequence[ApiKey], int]:
        """All keys by id, the revoked ones too, and how many in all."""
        ...

    async def of_user(self, user_id: int) -> Sequence[ApiKey]:
        """All keys of an account, by id."""
        ...


class ApiKeys(ApiKeysReader, Protocol):
    async def add(self, key: NewApiKey) -> ApiKey:
        """One more; its public key is new, and its account held."""
        ...

    async def lock(self, key_id: int) -> ApiKey | None:
        """The key, held until the transaction ends."""
        ...

    async def revoke(self, key_id: int, now: datetime) -> None:
        """End a locked key."""
        ...

    async def note_use(self, key_id: int, now: datetime) -> None:
        """It was used; one that is gone stays gone, and no time goes back. Wants no lock."""
        ...

    async def remove_all(self, user_id: int) -> None:
        """Erase those of a locked account."""
        ...
