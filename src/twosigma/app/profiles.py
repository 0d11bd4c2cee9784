"""What learners say about themselves, told to themselves and to platform admins only."""

from collections.abc import Sequence

from msgspec import Struct

from twosigma.app.access import USER_MISSING, hold_subjects, require_active
from twosigma.app.policy import Policy
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.errors import Missing
from twosigma.domain.profiles import Profile, ProfileChanges, changed, preferences
from twosigma.domain.streaks import local_date
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class ProfileView(Struct, frozen=True, kw_only=True):
    """A profile, and the ids of the preferred subjects, the most preferred first."""

    profile: Profile
    subject_preferences: Sequence[int]


class Profiles:
    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def mine(self, actor: Actor) -> ProfileView:
        """The actor's own."""
        return await self.get(actor, actor.user_id)

    async def get(self, actor: Actor, user_id: int) -> ProfileView:
        """One's own, or anybody's for a PLATFORM_ADMIN; all others are told Forbidden, whether
        there is such an account or not. Raises Missing."""
        if user_id != actor.user_id:
            require(actor, Role.PLATFORM_ADMIN)
        async with self._store.read() as tx:
            if await tx.accounts.get(user_id) is None:
                raise Missing(USER_MISSING)
            return await _viewed(tx, user_id)

    async def update_mine(self, actor: Actor, changes: ProfileChanges) -> ProfileView:
        """Change what was sent. Raises Invalid; the day is that of the actor's time zone."""
        async with self._store.write() as tx:
            user = require_active(await tx.accounts.lock(actor.user_id))
            before = await tx.profiles.get(user.id)
            today = local_date(self._clock.now(), user.time_zone)
            after = changed(before, changes, today, self._policy.minimum_age)
            if after != before:
                await tx.profiles.save(user.id, after)
            return await _viewed(tx, user.id)

    async def prefer(self, actor: Actor, subject_ids: Sequence[int]) -> ProfileView:
        """Set the preferred subjects, the most preferred first; one named again is not counted
        twice. Raises Invalid for too many, Missing for a subject that is not there."""
        wanted = preferences(subject_ids, ("body", "subject_ids"))
        async with self._store.write() as tx:
            user = require_active(await tx.accounts.lock(actor.user_id))
            await hold_subjects(tx, wanted)
            await tx.profiles.set_subject_preferences(user.id, wanted)
            return await _viewed(tx, user.id)


async def _viewed(tx: Read, user_id: int) -> ProfileView:
    return ProfileView(
        profile=await tx.profiles.get(user_id),
        subject_preferences=await tx.profiles.subject_preferences(user_id),
    )
