"""Password resets: digests of the tokens that were mailed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.password_resets import PasswordReset


class PasswordResetsReader(Protocol):
    async def find(self, digest: bytes) -> PasswordReset | None: ...

    async def of_user(self, user_id: int) -> Sequence[PasswordReset]:
        """Those of an account that are still kept, oldest first."""
        ...


class PasswordResets(PasswordResetsReader, Protocol):
    """Writes want the account locked."""

    async def add(self, reset: PasswordReset) -> None:
        """One more; its digest is new."""
        ...

    async def end_all(self, user_id: int, now: datetime) -> None:
        """No token of the account is good any more."""
        ...

    async def forget(self, before: datetime) -> None:
        """Erase those of every account that were mailed before this instant; wants no lock."""
        ...

    async def remove(self, user_id: int, before: datetime | None = None) -> None:
        """Erase those of an account, or only those mailed before this instant."""
        ...
