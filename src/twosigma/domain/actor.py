"""Who acts: the signed-in account behind a use case, and the order of roles."""

from enum import StrEnum

from msgspec import Struct

from twosigma.domain.errors import Forbidden, Unauthenticated


class Role(StrEnum):
    """Global roles, weakest first; read from the database on each request."""

    STUDENT = "STUDENT"
    INSTRUCTOR = "INSTRUCTOR"
    PLATFORM_ADMIN = "PLATFORM_ADMIN"


_RANK = {role: rank for rank, role in enumerate(Role)}


class Actor(Struct, frozen=True, kw_only=True):
    """The account that acts, as the database knows it now."""

    user_id: int
    role: Role

    @property
    def is_admin(self) -> bool:
        return self.role is Role.PLATFORM_ADMIN


def has_role(actor: Actor | None, role: Role) -> bool:
    """Whether the actor has this global role or a stronger one."""
    return actor is not None and _RANK[actor.role] >= _RANK[role]


def require_signed_in(actor: Actor | None) -> Actor:
    """The actor; raises Unauthenticated for nobody."""
    if actor is None:
        raise Unauthenticated("Not authenticated")
    return actor


def require(actor: Actor | None, role: Role) -> Actor:
    """The actor, if at least of this role; raises Unauthenticated or Forbidden."""
    known = require_signed_in(actor)
    if not has_role(known, role):
        raise Forbidden("You do not have permission to do this")
    return known
