"""Who may call a route: read from the Authorization header, before anything else is looked at."""

from base64 import b64decode
from enum import Enum

from litestar.types import HTTPScope

from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.api_keys import may_be_public_key
from twosigma.domain.errors import Forbidden, Unauthenticated

Given = dict[str, object]


class Access(Enum):
    """Whom a route serves, and what its handler is given.

    OPEN: anyone, and the header is not read. READABLE: anyone, but a token that is there must
    be good (`actor`, or None). TURN: a signed-in account, of which only the token is checked
    here, because the turn itself reads the account (`user_id`). REFRESH: the bearer of a refresh
    token (`token`). KEY: a program with an API key, by HTTP Basic, of an account of at least an
    instructor's role (`actor`). The rest: an account of at least that role (`actor`).
    """

    OPEN = "open"
    READABLE = "readable"
    TURN = "turn"
    REFRESH = "refresh"
    KEY = "key"
    USER = "user"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"

    @property
    def needs_token(self) -> bool:
        return self not in {Access.OPEN, Access.READABLE, Access.KEY}


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
    if access is Access.KEY:
        actor = await core.api_keys.actor(*key_pair(scope))
        return {"actor": require(actor, Role.INSTRUCTOR)}
    return {"actor": await _actor(core, scope, ROLES[access])}


async def _actor(core: TwoSigma, scope: HTTPScope, role: Role) -> Actor:
    return require(await core.auth.actor(_required(scope)), role)


def _required(scope: HTTPScope) -> str:
    token = bearer(scope)
    if token is None:
        raise Unauthenticated("Not authenticated")
    return token


def key_pair(scope: HTTPScope) -> tuple[str, str]:
    """The public and the secret key of the Authorization header (RFC 7617).

    Raises Unauthenticated without such a header or for another form of it, and Forbidden for a
    public key as a bearer's token: that opens less, which is nothing here.
    """
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, word = (given[0] if len(given) == 1 else b"").partition(b" ")
    if scheme.lower() == b"bearer" and may_be_public_key(word.decode("latin-1")):
        raise Forbidden("A public key alone opens nothing here")
    try:
        pair = b64decode(word, validate=True).decode()
    except ValueError:  # of base64 or of UTF-8
        pair = ""
    public_key, colon, secret = pair.partition(":")
    if scheme.lower() != b"basic" or not colon:
        raise Unauthenticated("Give an API key: HTTP Basic, public key and secret key")
    return public_key, secret


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
