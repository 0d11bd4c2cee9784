"""API keys: platform admins make and end them; programs act with them.

A key is as good as its owner is now: role and activity are read at each use.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from twosigma.app.access import USER_MISSING, acting
from twosigma.app.audit_trail import record
from twosigma.app.turn_tasks import TurnTasks
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.api_keys import (
    PUBLIC_PREFIX,
    SECRET_PREFIX,
    ApiKey,
    IssuedKey,
    NewApiKey,
    checked_name,
    digest_of,
    is_to_be_noted,
    may_be_public_key,
    require_owner,
    require_usable,
)
from twosigma.domain.audit import Action
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Missing, Unavailable
from twosigma.domain.users import User
from twosigma.domain.values import fold_email
from twosigma.ports.clock import Clock
from twosigma.ports.secrets import Random
from twosigma.ports.store import Store

_NO_KEY = "API key not found"


class OwnedKey(Struct, frozen=True, kw_only=True):
    """A key with the account that it acts for."""

    key: ApiKey
    owner: User


class ApiKeys:
    def __init__(self, store: Store, clock: Clock, random: Random, tasks: TurnTasks) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._tasks = tasks
        self._noting: set[int] = set()

    async def create(self, actor: Actor | None, name: str, owner_id: int | None) -> IssuedKey:
        """A new pair for an account (None: for the actor), the one time with its secret.

        Raises Unauthenticated, Forbidden, Invalid; Missing for an unknown account, Conflict for
        one that is no active instructor or admin.
        """
        known = require(actor, Role.PLATFORM_ADMIN)
        return await self._create(known, name, known.user_id if owner_id is None else owner_id)

    async def issue(self, email: str, name: str) -> IssuedKey:
        """As `create`, for the account with this address: for the operator's command line."""
        async with self._store.read() as tx:
            owner = await tx.accounts.find_by_email(fold_email(email))
        if owner is None:
            raise Missing("No account has this address")
        return await self._create(None, name, owner.id)

    async def _create(self, actor: Actor | None, name: str, owner_id: int) -> IssuedKey:
        """A new pair; `actor` None is the operator."""
        clean = checked_name(name)
        secret = SECRET_PREFIX + self._random.token()
        async with self._store.write() as tx:
            owner = await tx.accounts.hold(owner_id)
            if owner is None or owner.erased_at is not None:
                raise Missing(USER_MISSING)
            new = NewApiKey(
                user_id=require_owner(owner).id,
                name=clean,
                public_key=PUBLIC_PREFIX + self._random.uuid(),
                digest=digest_of(secret),
                created_at=self._clock.now(),
            )
            key = await tx.api_keys.add(new)
            await record(
                tx, actor, Action.API_KEY_CREATED, key.id, key.created_at,
                user_id=key.user_id, public_key=key.public_key,
            )  # fmt: skip
        return IssuedKey(key=key, secret_key=secret)

    async def list(self, actor: Actor | None, page: Page) -> tuple[Sequence[ApiKey], int]:
        """All keys by id, the revoked ones too, and how many in all. Raises Unauthenticated,
        Forbidden."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.read() as tx:
            return await tx.api_keys.all(page)

    async def owned(self) -> Sequence[OwnedKey]:
        """All keys by id with their owners: for the operator's command line."""
        async with self._store.read() as tx:
            keys, total = await tx.api_keys.all(Page())
            rows = [*keys]
            while len(rows) < total:
                keys, _ = await tx.api_keys.all(Page(skip=len(rows)))
                rows += keys
            owners = await tx.accounts.get_all({key.user_id for key in rows})
        return [OwnedKey(key=key, owner=owners[key.user_id]) for key in rows]

    async def revoke(self, actor: Actor | None, key_id: int) -> None:
        """End a key; to end it again changes nothing. Raises Unauthenticated, Forbidden,
        Missing."""
        await self._revoke(require(actor, Role.PLATFORM_ADMIN), key_id)

    async def withdraw(self, public_key: str) -> None:
        """As `revoke`, for the pair with this public key: for the operator's command line."""
        async with self._store.read() as tx:
            key = await tx.api_keys.find(public_key) if may_be_public_key(public_key) else None
        if key is None:
            raise Missing(_NO_KEY)
        await self._revoke(None, key.id)

    async def _revoke(self, actor: Actor | None, key_id: int) -> None:
        async with self._store.write() as tx:
            key = await tx.api_keys.lock(key_id)
            if key is None:
                raise Missing(_NO_KEY)
            if key.revoked_at is None:
                now = self._clock.now()
                await tx.api_keys.revoke(key.id, now)
                await record(
                    tx, actor, Action.API_KEY_REVOKED, key.id, now,
                    user_id=key.user_id, public_key=key.public_key,
                )  # fmt: skip

    async def actor(self, public_key: str, secret: str) -> Actor:
        """Who acts with this pair, as the account is now. Raises Unauthenticated: one text for an
        unknown key, another secret and a revoked key."""
        now = self._clock.now()
        async with self._store.read() as tx:
            known = await tx.api_keys.find(public_key) if may_be_public_key(public_key) else None
            key = require_usable(known, secret)
            actor = await acting(tx, key.user_id)
        if is_to_be_noted(key, now) and key.id not in self._noting:
            # Beside the request; a process that stops does not write it down.
            with suppress(Unavailable):
                self._tasks.errand(lambda: self._note(key.id, now))
        return actor

    async def _note(self, key_id: int, now: datetime) -> None:
        self._noting.add(key_id)
        try:
            async with self._store.write() as tx:
                await tx.api_keys.note_use(key_id, now)
        finally:
            self._noting.discard(key_id)
