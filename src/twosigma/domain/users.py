"""Accounts: who somebody is, and what an account may change about itself."""

from collections.abc import Collection
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain import values
from twosigma.domain.actor import Role
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Conflict

ERASED_NAME = "Deleted user"


class User(Struct, frozen=True, kw_only=True):
    """An account. The password's hash is kept apart (`Credentials`) and never shown. Of one that
    was erased only the row is left (`erased`)."""

    id: int
    email: str
    full_name: str
    role: Role
    is_active: bool
    locale: str
    time_zone: str
    created_at: datetime
    updated_at: datetime
    erased_at: datetime | None = None


class NewUser(Struct, frozen=True, kw_only=True):
    """What an account begins with; every text is normalised already (`domain.values`)."""

    email: str
    full_name: str
    password_hash: str
    role: Role
    locale: str
    time_zone: str
    created_at: datetime


class Credentials(Struct, frozen=True, kw_only=True):
    """What a login is checked against; an erased account has none."""

    user_id: int
    password_hash: str
    is_active: bool

    def __repr__(self) -> str:
        return f"Credentials(user_id={self.user_id})"


class UserChanges(Struct, frozen=True, kw_only=True):
    """What an account changes about itself; a field not sent stays."""

    full_name: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET


class UserFilter(Struct, frozen=True, kw_only=True):
    """Which accounts a list shows. `q`: what the name or the address holds, in any case, taken
    literally."""

    q: str | None = None
    role: Role | None = None
    is_active: bool | None = None


def checked_changes(changes: UserChanges) -> dict[str, str]:
    """The fields that were sent, by name, normalised; raises Invalid with all faults."""
    checks, checked = Checks(), {}
    if changes.full_name is not UNSET:
        checked["full_name"] = checks.take(
            changes.full_name, lambda text: values.title(text, ("body", "full_name"), 200)
        )
    if changes.locale is not UNSET:
        checked["locale"] = checks.take(changes.locale, values.locale)
    if changes.time_zone is not UNSET:
        checked["time_zone"] = checks.take(changes.time_zone, values.time_zone)
    checks.done()
    return checked


def appointed(
    user: User, admins: Collection[int], *, role: Role | None = None, is_active: bool | None = None
) -> User:
    """The account with another role or state; `admins`: the ids of the active PLATFORM_ADMINs.
    Raises Conflict where none of these would be left."""
    after = structs.replace(
        user,
        role=user.role if role is None else role,
        is_active=user.is_active if is_active is None else is_active,
    )
    stays = after.is_active and after.role is Role.PLATFORM_ADMIN
    if not stays and set(admins) == {user.id}:
        raise Conflict("The last active platform admin must stay one", code="last_admin")
    return after


def erased(user: User, admins: Collection[int], now: datetime) -> User:
    """What stays of an account that its owner erases: a row that others' rows may refer to. Its
    address is none (it has no dot), so that nobody can register or sign in with it. `admins` and
    Conflict as in `appointed`."""
    return structs.replace(
        appointed(user, admins, role=Role.STUDENT, is_active=False),
        email=f"deleted-{user.id}@invalid",
        full_name=ERASED_NAME,
        locale="en",
        time_zone="UTC",
        updated_at=now,
        erased_at=now,
    )
