"""Accounts as they are seen and changed, by their owners and by those who may."""

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct, structs

from twosigma.app.access import USER_MISSING
from twosigma.app.audit_trail import record
from twosigma.domain.activity import Active
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Missing
from twosigma.domain.streaks import shown, streak
from twosigma.domain.users import User, UserChanges, UserFilter, appointed, checked_changes
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store, Write


class Profile(Struct, frozen=True, kw_only=True):
    """An account with its streak as it stands today, in the account's own time zone."""

    user: User
    current_streak_days: int
    last_activity_date: date | None


class Users:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def me(self, actor: Actor) -> Profile:
        """The actor's own account."""
        return await self._read(actor.user_id)

    async def get(self, actor: Actor, user_id: int) -> Profile:
        """An account: one's own, or any for an INSTRUCTOR; all others are told Forbidden, whether
        there is such an account or not. Raises Missing."""
        if user_id != actor.user_id:
            require(actor, Role.INSTRUCTOR)
        return await self._read(user_id)

    async def list(
        self, actor: Actor, wanted: UserFilter, page: Page
    ) -> tuple[Sequence[Profile], int]:
        """The accounts that fit, and how many in all. Raises Forbidden to less than an
        INSTRUCTOR."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.read() as tx:
            rows, total = await tx.accounts.list(wanted, page)
            hours = await tx.activity.hours_of([user.id for user in rows])
        return [self._profile(user, hours.get(user.id, ())) for user in rows], total

    async def update_me(self, actor: Actor, changes: UserChanges) -> Profile:
        """Change what was sent of one's own account. Raises Invalid."""
        checked = checked_changes(changes)
        async with self._store.write() as tx:
            before = _kept(await tx.accounts.lock(actor.user_id))
            after = structs.replace(before, **checked)
            if after != before:
                after = structs.replace(after, updated_at=self._clock.now())
                await tx.accounts.save(after)
            return await self._shown(tx, after)

    async def set_role(self, actor: Actor, user_id: int, role: Role) -> Profile:
        """Give an account another role. Raises Forbidden to less than a PLATFORM_ADMIN, Missing,
        Conflict for the last active PLATFORM_ADMIN."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            before, after = await self._appoint(tx, user_id, role=role)
            if after != before:
                await record(
                    tx, actor, Action.USER_ROLE_CHANGED, user_id, after.updated_at,
                    role={"from": before.role, "to": after.role},
                )  # fmt: skip
            return await self._shown(tx, after)

    async def set_status(self, actor: Actor, user_id: int, *, is_active: bool) -> Profile:
        """Switch an account on or off; off, it is signed out everywhere at once. Raises as
        `set_role`."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            before, after = await self._appoint(tx, user_id, is_active=is_active)
            if after != before:
                act = Action.USER_SWITCHED_ON if is_active else Action.USER_SWITCHED_OFF
                await record(tx, actor, act, user_id, after.updated_at)
            if not is_active:
                await tx.refresh_tokens.revoke_all(user_id, self._clock.now())
            return await self._shown(tx, after)

    async def _appoint(
        self, tx: Write, user_id: int, *, role: Role | None = None, is_active: bool | None = None
    ) -> tuple[User, User]:
        """The account before and after, which is stored."""
        admins = await tx.accounts.lock_admins()
        before = _kept(await tx.accounts.lock(user_id))
        after = appointed(before, admins, role=role, is_active=is_active)
        if after != before:
            after = structs.replace(after, updated_at=self._clock.now())
            await tx.accounts.save(after)
        return before, after

    async def _read(self, user_id: int) -> Profile:
        async with self._store.read() as tx:
            user = await tx.accounts.get(user_id)
            if user is None:
                raise Missing(USER_MISSING)
            return await self._shown(tx, user)

    async def _shown(self, tx: Read, user: User) -> Profile:
        hours = await tx.activity.hours_of([user.id])
        return self._profile(user, hours.get(user.id, ()))

    def _profile(self, user: User, active: Iterable[Active]) -> Profile:
        days, last = shown(streak(active), self._clock.now(), user.time_zone)
        return Profile(user=user, current_streak_days=days, last_activity_date=last)


def _kept(user: User | None) -> User:
    """The account to change; of an erased one nothing ever changes."""
    if user is None or user.erased_at is not None:
        raise Missing(USER_MISSING)
    return user
