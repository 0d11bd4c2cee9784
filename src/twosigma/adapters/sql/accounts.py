"""Accounts and refresh tokens."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import refresh_tokens, token_families, users
from twosigma.adapters.sql.types import fold
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page
from twosigma.domain.tokens import Pair, RefreshToken, SignIn
from twosigma.domain.users import Credentials, NewUser, User, UserFilter

_PUBLIC = [column for column in users.c if column.name in User.__struct_fields__]
_GET = select(*_PUBLIC).where(users.c.id == bindparam("user_id"))
_GET_ALL = select(*_PUBLIC).where(users.c.id.in_(bindparam("user_ids", expanding=True)))
# To hold is stronger than what a foreign key does: a lock waits for it, and it for a lock.
_HOLD = _GET.with_for_update(read=True)
# Rows that refer to the account may still be added while it is locked.
_LOCK = _GET.with_for_update(key_share=True)
_IS_KEPT = users.c.erased_at.is_(None)
_BY_EMAIL = select(*_PUBLIC).where(users.c.email == bindparam("email"), _IS_KEPT)
_ALL_BY_EMAIL = select(*_PUBLIC).where(
    users.c.email.in_(bindparam("emails", expanding=True)), _IS_KEPT
)
_CREDENTIALS = select(users.c.id.label("user_id"), users.c.password_hash, users.c.is_active).where(
    users.c.email == bindparam("email"), _IS_KEPT
)
_SAVE = update(users).where(users.c.id == bindparam("user_id"))
_LOCK_CREDENTIALS = (
    select(users.c.id.label("user_id"), users.c.password_hash, users.c.is_active)
    .where(users.c.id == bindparam("user_id"), _IS_KEPT)
    .with_for_update(key_share=True)
)
# In the order of ids, so that two who change admins never wait for each other.
_LOCK_ADMINS = (
    select(users.c.id)
    .where(users.c.role == Role.PLATFORM_ADMIN, users.c.is_active)
    .order_by(users.c.id)
    .with_for_update(key_share=True)
)
_SET_PASSWORD = (
    update(users)
    .where(users.c.id == bindparam("user_id"))
    .values(password_hash=bindparam("hashed"))
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
_expires_at = func.max(refresh_tokens.c.expires_at)
_SIGN_INS = (
    select(
        token_families.c.id,
        token_families.c.created_at,
        func.coalesce(func.max(refresh_tokens.c.rotated_at), token_families.c.created_at).label(
            "last_used_at"
        ),
        _expires_at.label("expires_at"),
    )
    .join_from(token_families, refresh_tokens)
    .where(token_families.c.user_id == bindparam("of"), token_families.c.revoked_at.is_(None))
    .group_by(token_families.c.id, token_families.c.created_at)
    .having(_expires_at > bindparam("now"))
)
_COUNT_SIGN_INS = select(func.count()).select_from(_SIGN_INS.subquery())
_REVOKE_OWN = _REVOKE.where(token_families.c.user_id == bindparam("of"))
_REVOKE_ALL = (
    update(token_families)
    .where(token_families.c.user_id == bindparam("of"), token_families.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


def _changeable(user: User) -> dict[str, Any]:
    fixed = {"id", "email", "created_at"}
    fields = {name: value for name, value in structs.asdict(user).items() if name not in fixed}
    return {**fields, "full_name_folded": fold(user.full_name)}


def _fits(wanted: UserFilter) -> list[ColumnElement[bool]]:
    pairs = ((users.c.role, wanted.role), (users.c.is_active, wanted.is_active))
    conditions: list[ColumnElement[bool]] = [
        _IS_KEPT,
        *(column == value for column, value in pairs if value is not None),
    ]
    if wanted.q is not None:
        words = fold(wanted.q)
        columns = (users.c.full_name_folded, users.c.email)
        conditions.append(or_(*(column.contains(words, autoescape=True) for column in columns)))
    return conditions


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

    async def find_all_by_email(self, emails: Collection[str]) -> Mapping[str, User]:
        rows = await self._sql.all(_ALL_BY_EMAIL, emails=list(emails))
        return {row.email: msgspec.convert(row, User, from_attributes=True) for row in rows}

    async def find_credentials(self, email: str) -> Credentials | None:
        row = await self._sql.first(_CREDENTIALS, email=email)
        return row and msgspec.convert(row, Credentials, from_attributes=True)

    async def add(self, user: NewUser) -> User | None:
        row = await self._sql.first(
            _ADD, **structs.asdict(user), full_name_folded=fold(user.full_name), is_active=True,
            updated_at=user.created_at,
        )  # fmt: skip
        return row and msgspec.convert(row, User, from_attributes=True)

    async def list(self, wanted: UserFilter, page: Page) -> tuple[Sequence[User], int]:
        fitting = select(*_PUBLIC).where(*_fits(wanted))
        rows = await self._sql.all(fitting.order_by(users.c.id).offset(page.skip).limit(page.limit))
        total = await self._sql.scalar(select(func.count()).select_from(fitting.subquery()))
        return [msgspec.convert(row, User, from_attributes=True) for row in rows], total

    async def hold(self, user_id: int) -> User | None:
        row = await self._sql.first(_HOLD, user_id=user_id)
        return row and msgspec.convert(row, User, from_attributes=True)

    async def lock(self, user_id: int) -> User | None:
        row = await self._sql.first(_LOCK, user_id=user_id)
        return row and msgspec.convert(row, User, from_attributes=True)

    async def lock_credentials(self, user_id: int) -> Credentials | None:
        row = await self._sql.first(_LOCK_CREDENTIALS, user_id=user_id)
        return row and msgspec.convert(row, Credentials, from_attributes=True)

    async def lock_admins(self) -> frozenset[int]:
        return frozenset(row.id for row in await self._sql.all(_LOCK_ADMINS))

    async def set_password(self, user_id: int, password_hash: str) -> None:
        await self._sql.run(_SET_PASSWORD, user_id=user_id, hashed=password_hash)

    async def erase(self, user: User) -> None:
        values = _changeable(user) | {"email": user.email, "password_hash": ""}
        await self._sql.run(_SAVE.values(**values), user_id=user.id)

    async def save(self, user: User) -> None:
        await self._sql.run(_SAVE.values(**_changeable(user)), user_id=user.id)


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

    async def sign_ins(
        self, user_id: int, now: datetime, page: Page
    ) -> tuple[Sequence[SignIn], int]:
        shown = _SIGN_INS.order_by(token_families.c.created_at, token_families.c.id)
        rows = await self._sql.all(shown.offset(page.skip).limit(page.limit), of=user_id, now=now)
        total = await self._sql.scalar(_COUNT_SIGN_INS, of=user_id, now=now)
        return [msgspec.convert(row, SignIn, from_attributes=True) for row in rows], total

    async def revoke_own(self, user_id: int, family_id: str, now: datetime) -> bool:
        return await self._sql.run(_REVOKE_OWN, of=user_id, family_id=family_id, now=now) == 1

    async def revoke_all(self, user_id: int, now: datetime) -> None:
        await self._sql.run(_REVOKE_ALL, of=user_id, now=now)

    async def _add(self, family_id: str, pair: Pair) -> None:
        await self._sql.run(
            _ADD_TOKEN,
            jti=pair.refresh.jti,
            family_id=family_id,
            expires_at=pair.refresh.expires_at,
        )
