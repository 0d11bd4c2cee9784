"""Who may call a route: read from the Authorization header, before anything else is looked at."""

from enum import Enum

from litestar.types import HTTPScope

from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.errors import Unauthenticated

Given = dict[str, object]


class Access(Enum):
    """Whom a route serves, and what its handler is given.

    OPEN: anyone, and the header is not read. READABLE: anyone, but a token that is there must
    be good (`actor`, or None). TURN: a signed-in account, of which only the token is checked
    here, because the turn itself reads the account (`user_id`). REFRESH: the bearer of a refresh
    token (`token`). The rest: an account of at least that role (`actor`).
    """

    OPEN = "open"
    READABLE = "readable"
    TURN = "turn"
    REFRESH = "refresh"
    USER = "user"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"

    @property
    def needs_token(self) -> bool:
        return self not in {Access.OPEN, Access.READABLE}


ROLES = {
    Access.USER: Role.STUDENT,
    Access.INSTRUCTOR: Role.INSTRUCTOR,
    Access.ADMIN: Role.PLATFORM_ADMIN,
}


async def admit(access: Access, core: TwoSigma, scope: HTTPScope) -> Given:
    """What the handler is given about the caller. Raises Unauthenticated, Forbidden."""
    if access is Access.TURN:
        return {"user_id": core.auth.user_id_of(_required(scope))}
    if access is Access.OPEN:
        return {}
    if access is Access.REFRESH:
        return {"token": _required(scope)}
    if access is Access.READABLE:
        token = bearer(scope)
        return {"actor": None if token is None else await core.auth.actor(token)}
    return {"actor": await _actor(core, scope, ROLES[access])}


async def _actor(core: TwoSigma, scope: HTTPScope, role: Role) -> Actor:
    return require(await core.auth.actor(_required(scope)), role)


def _required(scope: HTTPScope) -> str:
    token = bearer(scope)
    if token is None:
        raise Unauthenticated("Not authenticated")
    return token


def bearer(scope: HTTPScope) -> str | None:
    """The token of the Authorization header (RFC 6750 §2.1); None without such a header.

    Raises Unauthenticated for two of them, another scheme, or what no token looks like.
    """
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    if not given:
        return None
    scheme, _, token = given[0].partition(b" ")
    is_plain = len(given) == 1 and token and b" " not in token and token.isascii()
    if scheme.lower() != b"bearer" or not is_plain:
        raise Unauthenticated("Not authenticated")
    return token.decode()
