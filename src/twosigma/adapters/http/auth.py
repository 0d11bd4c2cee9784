"""Authentication: sign up, sign in, stay signed in."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Struct, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Limit, Listed, Skip, checked, name
from twosigma.app.auth import SignUp, TokenPair
from twosigma.app.core import TwoSigma
from twosigma.domain import values
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.tokens import SignIn

auth = Group("Authentication", "Registration, login, token refresh")

_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."  # noqa: S105 -- the reference's example
Email = Annotated[str, checked(values.email, "user@example.com", format="email", maxLength=254)]
NewPassword = Annotated[
    str,
    checked(
        lambda text, loc: values.password(text, "", loc), "SecurePass123",
        minLength=8, maxLength=128, format="password",
    ),
]  # fmt: skip
Password = Annotated[str, checked(lambda text, _: text, "SecurePass123", format="password")]
Locale = Annotated[str, checked(values.locale, "en")]
TimeZone = Annotated[str, checked(values.time_zone, "UTC")]
Token = Annotated[str, checked(lambda text, _: text, _TOKEN)]


class CheckEmailBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Email


class AvailabilityOut(Struct, frozen=True, kw_only=True):
    available: bool


class RegisterUserBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Email
    password: NewPassword
    full_name: Annotated[str, name(200, "John Doe")]
    locale: Locale = "en"
    time_zone: TimeZone = "UTC"

    def __repr__(self) -> str:
        return "RegisterUserBody(…)"


class LoginBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, checked(lambda text, _: text, "user@example.com")]
    password: Password

    def __repr__(self) -> str:
        return "LoginBody(…)"


class ChangePasswordBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    current_password: Password
    new_password: NewPassword

    def __repr__(self) -> str:
        return "ChangePasswordBody(…)"


SignInId = Annotated[
    str,
    checked(
        lambda text, loc: values.long_text(text, loc, 64), "5f0c2d9e-1c5e-4b0f-9d53-0b7f6c1f3a2e"
    ),
]


class SignInPath(Struct, frozen=True, kw_only=True):
    auth_session_id: SignInId


class ListSignInsQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 100


class SignInOut(Struct, frozen=True, kw_only=True):
    """`last_used_at`: the last refresh, or the sign-in itself."""

    id: SignInId
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class TokensOut(Struct, frozen=True, kw_only=True):
    access_token: Token
    refresh_token: Token
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- the scheme's name

    def __repr__(self) -> str:
        return "TokensOut(…)"


def sign_up(body: RegisterUserBody) -> SignUp:
    return SignUp(**{name: getattr(body, name) for name in SignUp.__struct_fields__})


def tokens_out(pair: TokenPair) -> TokensOut:
    return TokensOut(access_token=pair.access_token, refresh_token=pair.refresh_token)


def sign_in_out(row: SignIn) -> SignInOut:
    return SignInOut(**structs.asdict(row))


@auth.route("POST", "/auth/check-email", access=Access.OPEN, refuses=(429,))
async def check_email(core: TwoSigma, body: CheckEmailBody, client: str) -> AvailabilityOut:
    """Check if an email is available for registration."""
    return AvailabilityOut(available=await core.auth.check_email(body.email, client))


@auth.route("POST", "/auth/register", access=Access.OPEN, status=201, refuses=(400, 429))
async def register_user(core: TwoSigma, body: RegisterUserBody, client: str) -> TokensOut:
    """Register a new user account, signed in at once."""
    return tokens_out(await core.auth.register(sign_up(body), client))


@auth.route("POST", "/auth/login", access=Access.OPEN, refuses=(401, 403, 429))
async def login_user(core: TwoSigma, body: LoginBody, client: str) -> TokensOut:
    """Log in with email and password. One answer for an unknown email and a wrong password."""
    return tokens_out(await core.auth.login(body.email, body.password, client))


@auth.route("POST", "/auth/refresh", access=Access.REFRESH)
async def refresh_tokens(core: TwoSigma, token: str) -> TokensOut:
    """Get new tokens with the refresh token, sent as `Authorization: Bearer …`.

    A refresh token is used once; used again (but for the first ten seconds) it ends its sign-in.
    """
    return tokens_out(await core.auth.refresh(token))


@auth.route("POST", "/auth/logout", access=Access.REFRESH, status=204)
async def logout_user(core: TwoSigma, token: str) -> None:
    """End the sign-in of the refresh token, sent as `Authorization: Bearer …`.

    Its access token lives on until it expires.
    """
    await core.auth.logout(token)


@auth.route("POST", "/auth/logout-all", access=Access.USER, status=204, has_secret=True)
async def logout_everywhere(core: TwoSigma, actor: Actor) -> None:
    """End every sign-in of the authenticated user.

    Access tokens live on until they expire.
    """
    await core.auth.logout_all(actor)


@auth.route(
    "POST", "/auth/change-password", access=Access.USER, status=204, refuses=(400,), has_secret=True
)
async def change_password(core: TwoSigma, actor: Actor, body: ChangePasswordBody) -> None:
    """Change one's password, which ends every sign-in.

    This one is ended too: its access token lives on until it expires, then log in again.
    """
    await core.auth.change_password(actor, body.current_password, body.new_password)


@auth.route("GET", "/auth/sessions", access=Access.USER)
async def list_auth_sessions(
    core: TwoSigma, actor: Actor, query: ListSignInsQuery
) -> Listed[SignInOut]:
    """List where the authenticated user is signed in, oldest first."""
    rows, total = await core.auth.sign_ins(actor, Page(skip=query.skip, limit=query.limit))
    return Listed([sign_in_out(row) for row in rows], total)


@auth.route(
    "DELETE", "/auth/sessions/{auth_session_id}", access=Access.USER, status=204, refuses=(404,)
)
async def end_auth_session(core: TwoSigma, actor: Actor, path: SignInPath) -> None:
    """End one of one's sign-ins: its refresh token is good no more."""
    await core.auth.end_sign_in(actor, path.auth_session_id)
