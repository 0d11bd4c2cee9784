"""Accounts and refresh tokens."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import Page
from twosigma.domain.tokens import Pair, RefreshToken, SignIn
from twosigma.domain.users import Credentials, NewUser, User, UserFilter


class AccountsReader(Protocol):
    async def get(self, user_id: int) -> User | None: ...

    async def get_all(self, user_ids: Collection[int]) -> Mapping[int, User]:
        """Those of these accounts that there are, by id."""
        ...

    async def find_by_email(self, email: str) -> User | None:
        """By the normalised address; an erased account has none."""
        ...

    async def find_all_by_email(self, emails: Collection[str]) -> Mapping[str, User]:
        """Those of these normalised addresses that have an account, with it."""
        ...

    async def find_credentials(self, email: str) -> Credentials | None: ...

    async def list(self, wanted: UserFilter, page: Page) -> tuple[Sequence[User], int]:
        """The accounts that fit, by id, and how many in all; erased ones fit nothing."""
        ...


class Accounts(AccountsReader, Protocol):
    async def add(self, user: NewUser) -> User | None:
        """The new account; None where the address is taken."""
        ...

    async def hold(self, user_id: int) -> User | None:
        """The account, which neither changes nor is erased until the transaction ends; others
        may hold it too."""
        ...

    async def lock(self, user_id: int) -> User | None:
        """The account, held by nobody else until the transaction ends."""
        ...

    async def lock_credentials(self, user_id: int) -> Credentials | None:
        """What a login is checked against, held until the transaction ends."""
        ...

    async def lock_admins(self) -> frozenset[int]:
        """The ids of the active PLATFORM_ADMINs: all of them held until the transaction ends, so
        that none stops being one. Called before any other account is held."""
        ...

    async def set_password(self, user_id: int, password_hash: str) -> None: ...

    async def erase(self, user: User) -> None:
        """Write what stays of a locked account: all of it, the address too, and no password."""
        ...

    async def save(self, user: User) -> None:
        """Write what an account may change: name, locale, time zone, role, whether it is active,
        and when it changed. No such account: nothing."""
        ...


class RefreshTokensReader(Protocol):
    async def sign_ins(
        self, user_id: int, now: datetime, page: Page
    ) -> tuple[Sequence[SignIn], int]:
        """The families of an account that are neither revoked nor expired, oldest first, and how
        many in all."""
        ...


class RefreshTokens(RefreshTokensReader, Protocol):
    async def start_family(self, family_id: str, user_id: int, pair: Pair) -> None:
        """A sign-in: a new family whose first refresh token is this pair's."""
        ...

    async def lock(self, jti: str) -> RefreshToken | None:
        """The token, held until the transaction ends."""
        ...

    async def rotate(self, token: RefreshToken, successor: Pair, now: datetime) -> None:
        """Mark the token used and store its successor in the same family."""
        ...

    async def revoke_family(self, family_id: str, now: datetime) -> None: ...

    async def revoke_own(self, user_id: int, family_id: str, now: datetime) -> bool:
        """Revoke a family of this account; False where it has no such one that is not revoked."""
        ...

    async def revoke_all(self, user_id: int, now: datetime) -> None:
        """Revoke every family of an account."""
        ...
