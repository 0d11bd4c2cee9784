"""Accounts and refresh tokens."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
from msgspec import structs
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import refresh_tokens, token_families, users
from twosigma.domain.tokens import Pair, RefreshToken
from twosigma.domain.users import Credentials, NewUser, User

_PUBLIC = [column for column in users.c if column.name != "password_hash"]
_GET = select(*_PUBLIC).where(users.c.id == bindparam("user_id"))
_GET_ALL = select(*_PUBLIC).where(users.c.id.in_(bindparam("user_ids", expanding=True)))
_BY_EMAIL = select(*_PUBLIC).where(users.c.email == bindparam("email"))
_CREDENTIALS = select(users.c.id.label("user_id"), users.c.password_hash, users.c.is_active).where(
    users.c.email == bindparam("email")
)
_ADD = insert(users).on_conflict_do_nothing(index_elements=["email"]).returning(*_PUBLIC)

_ADD_FAMILY = insert(token_families)
_ADD_TOKEN = insert(refresh_tokens)
_LOCK_TOKEN = (
    select(refresh_tokens, token_families.c.user_id, token_families.c.revoked_at)
    .join_from(refresh_tokens, token_families)
    .where(refresh_tokens.c.jti == bindparam("jti"))
    .with_for_update()
)
_ROTATE = (
    update(refresh_tokens)
    .where(refresh_tokens.c.jti == bindparam("used"))
    .values(rotated_at=bindparam("now"), successor=bindparam("pair"))
)
_REVOKE = (
    update(token_families)
    .where(token_families.c.id == bindparam("family_id"), token_families.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


class SqlAccounts:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, user_id: int) -> User | None:
        row = await self._sql.first(_GET, user_id=user_id)
        return row and msgspec.convert(row, User, from_attributes=True)

    async def get_all(self, user_ids: Collection[int]) -> Mapping[int, User]:
        rows = await self._sql.all(_GET_ALL, user_ids=list(user_ids))
        return {row.id: msgspec.convert(row, User, from_attributes=True) for row in rows}

    async def find_by_email(self, email: str) -> User | None:
        row = await self._sql.first(_BY_EMAIL, email=email)
        return row and msgspec.convert(row, User, from_attributes=True)

    async def find_credentials(self, email: str) -> Credentials | None:
        row = await self._sql.first(_CREDENTIALS, email=email)
        return row and msgspec.convert(row, Credentials, from_attributes=True)

    async def add(self, user: NewUser) -> User | None:
        row = await self._sql.first(
            _ADD, **structs.asdict(user), is_active=True, updated_at=user.created_at
        )
        return row and msgspec.convert(row, User, from_attributes=True)


class SqlRefreshTokens:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def start_family(self, family_id: str, user_id: int, pair: Pair) -> None:
        at = pair.refresh.issued_at
        await self._sql.run(_ADD_FAMILY, id=family_id, user_id=user_id, created_at=at)
        await self._add(family_id, pair)

    async def lock(self, jti: str) -> RefreshToken | None:
        row = await self._sql.first(_LOCK_TOKEN, jti=jti)
        return row and RefreshToken(
            jti=row.jti, family_id=row.family_id, user_id=row.user_id, expires_at=row.expires_at,
            family_revoked=row.revoked_at is not None, rotated_at=row.rotated_at,
            successor=row.successor and msgspec.convert(row.successor, Pair),
        )  # fmt: skip

    async def rotate(self, token: RefreshToken, successor: Pair, now: datetime) -> None:
        pair = msgspec.to_builtins(successor)
        await self._sql.run(_ROTATE, used=token.jti, now=now, pair=pair)
        await self._add(token.family_id, successor)

    async def revoke_family(self, family_id: str, now: datetime) -> None:
        await self._sql.run(_REVOKE, family_id=family_id, now=now)

    async def _add(self, family_id: str, pair: Pair) -> None:
        await self._sql.run(
            _ADD_TOKEN,
            jti=pair.refresh.jti,
            family_id=family_id,
            expires_at=pair.refresh.expires_at,
        )
