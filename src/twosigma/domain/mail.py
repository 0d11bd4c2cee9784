"""Letters that are mailed, and their words."""

from msgspec import Struct


class Letter(Struct, frozen=True, kw_only=True):
    """A letter to one address, in plain text. What it says may open an account: it is shown
    nowhere but to whom it is sent."""

    to: str
    subject: str
    text: str

    def __repr__(self) -> str:
        return "Letter(…)"


def password_reset(to: str, link: str, minutes: int) -> Letter:
    """The letter with the link that sets another password."""
    return Letter(
        to=to,
        subject="Reset your 2Sigma password",
        text=(
            "Somebody, hopefully you, asked for a new password for your 2Sigma account.\n\n"
            f"Choose one here within {minutes} minutes:\n\n{link}\n\n"
            "The link works once. If you did not ask for it, ignore this message: your password "
            "stays as it is.\n"
        ),
    )
