"""Users: accounts and profiles."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.auth import Email, Locale, Password, TimeZone
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, checked, name
from twosigma.app.core import TwoSigma
from twosigma.app.users import Profile
from twosigma.domain import values
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page
from twosigma.domain.users import UserChanges, UserFilter

users = Group("Users", "User management and profiles")


FullName = Annotated[str, name(200, "John Doe")]


class UserPath(Struct, frozen=True, kw_only=True):
    user_id: Id


class ListUsersQuery(Struct, frozen=True, kw_only=True):
    """`q`: what the name or the address holds."""

    q: Annotated[str, checked(lambda text, loc: values.long_text(text, loc, 200), "doe")] | None = (
        None
    )
    role: Role | None = None
    is_active: bool | None = None
    skip: Skip = 0
    limit: Limit = 100


class UpdateUserBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes."""

    full_name: FullName | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET


class EraseUserBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    password: Password

    def __repr__(self) -> str:
        return "EraseUserBody(…)"


class SetRoleBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Role


class SetStatusBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    is_active: bool


class UserOut(Struct, frozen=True, kw_only=True):
    id: Id
    email: Email
    full_name: FullName
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


@users.route("PUT", "/users/me", access=Access.USER)
async def update_current_user(core: TwoSigma, actor: Actor, body: UpdateUserBody) -> UserOut:
    """Change the authenticated user's name, locale or time zone: what is not sent stays."""
    changes = UserChanges(**structs.asdict(body))
    return user_out(await core.users.update_me(actor, changes))


@users.route("DELETE", "/users/me", access=Access.USER, status=204, refuses=(400,))
async def erase_current_user(core: TwoSigma, actor: Actor, body: EraseUserBody) -> None:
    """Erase the authenticated user's account, which needs its password.

    Name, address, profile and chats are gone at once and for ever; what others count on stays,
    as a "Deleted user". The last active platform admin, and the only owner of a course, must
    first name another.
    """
    await core.erasure.erase(actor, body.password)


@users.route("GET", "/users/{user_id}", access=Access.USER, refuses=(403, 404))
async def get_user(core: TwoSigma, actor: Actor, path: UserPath) -> UserOut:
    """Get a user by id: oneself, or anybody for instructors."""
    return user_out(await core.users.get(actor, path.user_id))


@users.route("GET", "/users/", access=Access.INSTRUCTOR)
async def list_users(core: TwoSigma, actor: Actor, query: ListUsersQuery) -> Listed[UserOut]:
    """List users, optionally by name or address, role, and whether they are active."""
    wanted = UserFilter(q=query.q, role=query.role, is_active=query.is_active)
    page = Page(skip=query.skip, limit=query.limit)
    profiles, total = await core.users.list(actor, wanted, page)
    return Listed([user_out(profile) for profile in profiles], total)


@users.route("PUT", "/users/{user_id}/role", access=Access.ADMIN, refuses=(400, 403, 404))
async def set_user_role(core: TwoSigma, actor: Actor, path: UserPath, body: SetRoleBody) -> UserOut:
    """Give a user another role, from the next request on.

    The last active platform admin keeps theirs.
    """
    return user_out(await core.users.set_role(actor, path.user_id, body.role))


@users.route("PUT", "/users/{user_id}/status", access=Access.ADMIN, refuses=(400, 403, 404))
async def set_user_status(
    core: TwoSigma, actor: Actor, path: UserPath, body: SetStatusBody
) -> UserOut:
    """Switch a user's account off, which ends every sign-in at once, or on again.

    The last active platform admin cannot be switched off.
    """
    profile = await core.users.set_status(actor, path.user_id, is_active=body.is_active)
    return user_out(profile)
