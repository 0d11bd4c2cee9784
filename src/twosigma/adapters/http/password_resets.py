"""Forgotten passwords."""

from typing import Annotated

from msgspec import Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.auth import Email, NewPassword, auth
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import checked
from twosigma.app.core import TwoSigma
from twosigma.domain import values

password_resets = Group(auth.tag, auth.description)

MailedToken = Annotated[
    str,
    checked(lambda text, loc: values.long_text(text, loc, 200), "3q2-7wAAAAB0b2tlbi1ieS1tYWls"),
]


class RequestResetBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Email

    def __repr__(self) -> str:
        return "RequestResetBody(…)"


class ConfirmResetBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: MailedToken
    new_password: NewPassword

    def __repr__(self) -> str:
        return "ConfirmResetBody(…)"


@password_resets.route(
    "POST", "/auth/password-reset", access=Access.OPEN, status=202, refuses=(429,)
)
async def request_password_reset(core: TwoSigma, body: RequestResetBody, client: str) -> None:
    """Ask for a link, by mail, that sets another password.

    The answer is the same whether the address is known or not. The link is good for 30 minutes
    and once; a newer one ends it. At most three are mailed within an hour.
    """
    await core.password_resets.request(body.email, client)


@password_resets.route(
    "POST", "/auth/password-reset/confirm", access=Access.OPEN, status=204, refuses=(400, 429)
)
async def confirm_password_reset(core: TwoSigma, body: ConfirmResetBody, client: str) -> None:
    """Set another password with the token of a mailed link, which ends every sign-in."""
    await core.password_resets.confirm(body.token, body.new_password, client)
