"""Accounts and refresh tokens."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.catalog import fold
from twosigma.adapters.memory.tables import Family, Transaction
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page
from twosigma.domain.tokens import Pair, RefreshToken, SignIn
from twosigma.domain.users import Credentials, NewUser, User, UserFilter


def _fits(wanted: UserFilter, user: User) -> bool:
    pairs = ((wanted.role, user.role), (wanted.is_active, user.is_active))
    if user.erased_at is not None:
        return False
    if any(value is not None and value != its for value, its in pairs):
        return False
    if wanted.q is None:
        return True
    words = fold(wanted.q)
    return words in fold(user.full_name) or words in user.email


class MemoryAccounts:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def get(self, user_id: int) -> User | None:
        return self._tables.users.get(user_id)

    async def get_all(self, user_ids: Collection[int]) -> Mapping[int, User]:
        found = (self._tables.users.get(user_id) for user_id in user_ids)
        return {user.id: user for user in found if user is not None}

    async def find_by_email(self, email: str) -> User | None:
        user_id = self._tables.user_by_email.get(email)
        return None if user_id is None else self._tables.users[user_id]

    async def find_all_by_email(self, emails: Collection[str]) -> Mapping[str, User]:
        known = self._tables.user_by_email
        return {each: self._tables.users[known[each]] for each in emails if each in known}

    async def find_credentials(self, email: str) -> Credentials | None:
        user = await self.find_by_email(email)
        if user is None:
            return None
        return Credentials(
            user_id=user.id,
            password_hash=self._tables.password_hashes[user.id],
            is_active=user.is_active,
        )

    async def add(self, user: NewUser) -> User | None:
        if user.email in self._tables.user_by_email:
            return None
        fields = structs.asdict(user)
        password_hash = fields.pop("password_hash")
        user_id = self._ids.next("users")
        added = User(id=user_id, is_active=True, updated_at=user.created_at, **fields)
        self._tables.users.put(user_id, added)
        self._tables.password_hashes.put(user_id, password_hash)
        self._tables.user_by_email.put(user.email, user_id)
        return added

    async def list(self, wanted: UserFilter, page: Page) -> tuple[Sequence[User], int]:
        fitting = [user for user in self._tables.users.values() if _fits(wanted, user)]
        fitting.sort(key=lambda user: user.id)
        return fitting[page.skip : page.skip + page.limit], len(fitting)

    async def hold(self, user_id: int) -> User | None:
        return await self.get(user_id)

    lock = hold

    async def lock_credentials(self, user_id: int) -> Credentials | None:
        user = self._tables.users.get(user_id)
        return None if user is None else await self.find_credentials(user.email)

    async def lock_admins(self) -> frozenset[int]:
        return frozenset(
            user.id
            for user in self._tables.users.values()
            if user.is_active and user.role is Role.PLATFORM_ADMIN
        )

    async def set_password(self, user_id: int, password_hash: str) -> None:
        if user_id in self._tables.users:
            self._tables.password_hashes.put(user_id, password_hash)

    async def erase(self, user: User) -> None:
        before = self._tables.users[user.id]
        self._tables.user_by_email.pop(before.email)
        self._tables.password_hashes.pop(user.id)
        self._tables.users.put(user.id, user)

    async def save(self, user: User) -> None:
        before = self._tables.users.get(user.id)
        if before is not None:
            kept = structs.replace(user, email=before.email, created_at=before.created_at)
            self._tables.users.put(user.id, kept)


def _sign_in(family_id: str, family: Family, tokens: Sequence[RefreshToken]) -> SignIn:
    used = [token.rotated_at for token in tokens if token.rotated_at is not None]
    return SignIn(
        id=family_id, created_at=family.created_at,
        last_used_at=max(used, default=family.created_at),
        expires_at=max(token.expires_at for token in tokens),
    )  # fmt: skip


class MemoryRefreshTokens:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def start_family(self, family_id: str, user_id: int, pair: Pair) -> None:
        self._tables.families.put(
            family_id, Family(user_id=user_id, created_at=pair.refresh.issued_at)
        )
        self._add(family_id, user_id, pair)

    async def lock(self, jti: str) -> RefreshToken | None:
        token = self._tables.refresh_tokens.get(jti)
        if token is None:
            return None
        is_revoked = self._tables.families[token.family_id].revoked_at is not None
        return structs.replace(token, family_revoked=is_revoked)

    async def rotate(self, token: RefreshToken, successor: Pair, now: datetime) -> None:
        used = structs.replace(token, rotated_at=now, successor=successor)
        self._tables.refresh_tokens.put(token.jti, used)
        self._add(token.family_id, token.user_id, successor)

    async def revoke_family(self, family_id: str, now: datetime) -> None:
        family = self._tables.families.get(family_id)
        if family is not None and family.revoked_at is None:
            self._tables.families.put(family_id, structs.replace(family, revoked_at=now))

    async def sign_ins(
        self, user_id: int, now: datetime, page: Page
    ) -> tuple[Sequence[SignIn], int]:
        own = {
            family_id: family
            for family_id, family in self._tables.families.items()
            if family.user_id == user_id and family.revoked_at is None
        }
        tokens: dict[str, list[RefreshToken]] = {family_id: [] for family_id in own}
        for token in self._tables.refresh_tokens.values():
            if token.family_id in own:
                tokens[token.family_id].append(token)
        found = [_sign_in(each, family, tokens[each]) for each, family in own.items()]
        living = [sign_in for sign_in in found if sign_in.expires_at > now]
        living.sort(key=lambda sign_in: (sign_in.created_at, sign_in.id))
        return living[page.skip : page.skip + page.limit], len(living)

    async def revoke_own(self, user_id: int, family_id: str, now: datetime) -> bool:
        family = self._tables.families.get(family_id)
        if family is None or family.user_id != user_id or family.revoked_at is not None:
            return False
        await self.revoke_family(family_id, now)
        return True

    async def revoke_all(self, user_id: int, now: datetime) -> None:
        own = [each for each, family in self._tables.families.items() if family.user_id == user_id]
        for family_id in own:
            await self.revoke_family(family_id, now)

    def _add(self, family_id: str, user_id: int, pair: Pair) -> None:
        token = RefreshToken(
            jti=pair.refresh.jti, family_id=family_id, user_id=user_id,
            expires_at=pair.refresh.expires_at, family_revoked=False,
        )  # fmt: skip
        self._tables.refresh_tokens.put(token.jti, token)
