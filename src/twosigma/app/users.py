"""Accounts as their owners see them."""

from datetime import date

from msgspec import Struct

from twosigma.domain.actor import Actor
from twosigma.domain.errors import Missing
from twosigma.domain.streaks import shown, streak
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store


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
        async with self._store.read() as tx:
            user = await tx.accounts.get(actor.user_id)
            if user is None:
                raise Missing("User not found")
            events = await tx.activity.days_of(user.id)
        days, last = shown(streak(events), self._clock.now(), user.time_zone)
        return Profile(user=user, current_streak_days=days, last_activity_date=last)
