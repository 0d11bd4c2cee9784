"""An account erased by its owner: what others count on stays, what tells of a person goes."""

from collections.abc import Sequence
from unicodedata import normalize

from twosigma.app.access import USER_MISSING, active_user
from twosigma.app.audit_trail import record
from twosigma.app.turn_tasks import TurnTasks
from twosigma.domain.actor import Actor
from twosigma.domain.audit import Action
from twosigma.domain.catalog import require_other_owners
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.feature_requests import ERASED_TEXT
from twosigma.domain.spending import Purse, PurseKind
from twosigma.domain.users import User, erased
from twosigma.ports.clock import Clock
from twosigma.ports.secrets import PasswordHasher
from twosigma.ports.store import Store, Write


class Erasure:
    def __init__(
        self, store: Store, clock: Clock, passwords: PasswordHasher, tasks: TurnTasks
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._tasks = tasks

    async def erase(self, actor: Actor, password: str) -> None:
        """Erase the actor's own account, which needs its password.

        Name, address and password go, and profile, preferences, chats with their links, a running
        turn, the text of feature requests, answers in own words, places in courses' staff, API
        keys, tokens spent, every sign-in. The row stays as a "Deleted user", and so do enrollments
        and counts.
        Raises Conflict for a wrong password, the last active PLATFORM_ADMIN, a course's only OWNER.
        """
        async with self._store.read() as tx:
            user = await active_user(tx, actor.user_id)
            known = await tx.accounts.find_credentials(user.email)
        before = known.password_hash if known is not None else None
        if not await self._passwords.verify(normalize("NFC", password), before):
            raise _wrong_password()
        async with self._store.write() as tx:
            # Courses before accounts, as whoever names a course's staff.
            owners = await tx.catalog.lock_owners(user.id)
            admins = await tx.accounts.lock_admins()
            held = await tx.accounts.lock_credentials(user.id)
            if held is None or held.password_hash != before:  # erased or changed since
                raise _wrong_password()
            left = erased(await _locked(tx, user.id), admins, self._clock.now())
            require_other_owners(user.id, owners)
            turns = await _forget(tx, left)
            await record(tx, actor, Action.USER_ERASED, user.id, left.updated_at)
        for turn_id in turns:
            self._tasks.stop(turn_id)


async def _locked(tx: Write, user_id: int) -> User:
    user = await tx.accounts.lock(user_id)
    if user is None:
        raise Missing(USER_MISSING)
    return user


async def _forget(tx: Write, left: User) -> Sequence[str]:
    """Leave no more of a locked account than this; gives the ids of the turns that ran."""
    user_id, now = left.id, left.updated_at
    await tx.catalog.remove_staff(user_id)
    turns = await tx.chat.remove_of_user(user_id)
    await tx.profiles.remove(user_id)
    await tx.password_resets.remove(user_id)
    await tx.api_keys.remove_all(user_id)
    await tx.repeats.remove_all(user_id)
    await tx.spending.remove(Purse(kind=PurseKind.LEARNER, id=user_id))
    await tx.feature_requests.overwrite(user_id, ERASED_TEXT, now)
    # After the chats: a turn that was on its way in one of them has left its event by now.
    await tx.activity.forget_answers(user_id)
    await tx.refresh_tokens.revoke_all(user_id, now)
    await tx.accounts.erase(left)
    return turns


def _wrong_password() -> Conflict:
    return Conflict("The password is incorrect", code="wrong_password")
