"""The calls of what accounts say about themselves, forget, take with them and erase."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from tests.app.course_calls import Call
from tests.app.school import PASSWORD, School, sign_up
from twosigma.domain.password_resets import PasswordReset
from twosigma.domain.profiles import Onboarding, Profile, ProfileChanges


async def _request_reset(school: School) -> None:
    await school.core.password_resets.request("user3@example.com")
    await school.core.settled()


async def _mailed_long_ago(school: School) -> None:
    at = school.world.clock.now() - timedelta(days=1)
    old = PasswordReset(user_id=school.user_id("stranger"), digest=b"o" * 32, created_at=at)
    async with school.world.ports.store.write() as tx:
        await tx.password_resets.add(old)


PEOPLE_CALLS: dict[str, Call] = {
    "auth.onboard": lambda s, _: s.core.auth.onboard(
        sign_up(),
        Onboarding(
            profile=Profile(date_of_birth=date(2000, 1, 1)),
            subject_preferences=(s.spare.subject_id,),
        ),
    ),
    "password_resets.request": lambda s, _: _request_reset(s),
    "password_resets.confirm": lambda s, _: s.core.password_resets.confirm(
        s.reset_token, "another horse battery"
    ),
    "password_resets.forget": lambda s, _: s.core.password_resets.forget(),
    "profiles.mine": lambda s, who: s.core.profiles.mine(s.actor(who)),
    "profiles.get": lambda s, who: s.core.profiles.get(s.actor(who), s.user_id("learner")),
    "profiles.update_mine": lambda s, who: s.core.profiles.update_mine(
        s.actor(who), ProfileChanges(date_of_birth=date(2000, 1, 1))
    ),
    "profiles.prefer": lambda s, who: s.core.profiles.prefer(s.actor(who), [s.spare.subject_id]),
    "exports.mine": lambda s, who: s.core.exports.mine(s.actor(who)),
    "erasure.erase": lambda s, who: s.core.erasure.erase(s.actor(who), PASSWORD),
}
PEOPLE_BEFORE: dict[str, Callable[[School], Awaitable[None]]] = {
    "password_resets.forget": _mailed_long_ago,
}
PEOPLE_READS = frozenset({"profiles.mine", "profiles.get", "exports.mine"})
