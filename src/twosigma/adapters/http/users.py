"""Users: accounts and profiles."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.auth import Email
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, name
from twosigma.app.core import TwoSigma
from twosigma.app.users import Profile
from twosigma.domain.actor import Actor, Role

users = Group("Users", "User management and profiles")


class UserOut(Struct, frozen=True, kw_only=True):
    id: Id
    email: Email
    full_name: Annotated[str, name(200, "John Doe")]
    is_active: bool
    role: Role
    locale: str
    time_zone: str
    current_streak_days: int
    last_activity_date: date | None
    created_at: datetime


def user_out(profile: Profile) -> UserOut:
    user = profile.user
    return UserOut(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        is_active=user.is_active,
        role=user.role,
        locale=user.locale,
        time_zone=user.time_zone,
        current_streak_days=profile.current_streak_days,
        last_activity_date=profile.last_activity_date,
        created_at=user.created_at,
    )


@users.route("GET", "/users/me", access=Access.USER)
async def get_current_user(core: TwoSigma, actor: Actor) -> UserOut:
    """Get the authenticated user's profile."""
    return user_out(await core.users.me(actor))
