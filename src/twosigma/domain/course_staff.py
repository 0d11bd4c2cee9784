"""Course staff: who may be what, and that a course keeps an owner."""

from collections.abc import Mapping

from twosigma.domain.actor import Actor, Role, has_role
from twosigma.domain.catalog import EDITORS, StaffRole
from twosigma.domain.errors import Conflict
from twosigma.domain.users import User


def require_fit(account: User, role: StaffRole) -> None:
    """Raise Conflict unless the account may have this place: editors are instructors (or more)
    everywhere; anybody may assist."""
    if not account.is_active:
        raise Conflict("The account is inactive", code="account_inactive")
    as_actor = Actor(user_id=account.id, role=account.role)
    if role in EDITORS and not has_role(as_actor, Role.INSTRUCTOR):
        raise Conflict(f"A student cannot be {role} of a course", code="role_too_low")


def require_owner(staff: Mapping[int, StaffRole], user_id: int, role: StaffRole | None) -> None:
    """Raise Conflict where the last owner would be none any more; `role` None: leaves."""
    owners = {each for each, its in staff.items() if its is StaffRole.OWNER}
    if owners == {user_id} and role is not StaffRole.OWNER:
        raise Conflict("A course keeps an owner: this one is the last", code="last_owner")
