"""Versions of what is read: entity tags, and the requests that name them (RFC 9110 §13.1)."""

from collections.abc import Callable
from hashlib import blake2b
from typing import TypeVar

from twosigma.adapters.http.reply import encoded
from twosigma.domain.errors import PreconditionFailed

V = TypeVar("V")


def etag_of(body: bytes) -> str:
    """The tag of an answer's body: the same body, the same tag."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has this version (weak comparison)."""
    if if_none_match is None:
        return False
    known = [one.removeprefix("W/") for one in _listed(if_none_match)]
    return tag in known or known == ["*"]


def matching(if_match: str | None, out: Callable[[V], object]) -> Callable[[V], None]:
    """A precondition for an update: what is to be changed, as its reader is shown it (`out`), must
    still have a tag that the client names. Without the header all may be changed.

    It raises PreconditionFailed. Use cases call it where nothing can come in between.
    """

    def require(view: V) -> None:
        if if_match is None:
            return
        wanted = _listed(if_match)
        if wanted != ["*"] and etag_of(encoded(out(view))) not in wanted:
            raise PreconditionFailed("This was changed since you read it: read it again")

    return require


def _listed(header: str) -> list[str]:
    return [one.strip() for one in header.split(",")]
