"""What may be wrong with a request. Each text is written for the person who reads it.

Every error carries `code`, a stable word for programs (the `X-Error-Code` header over HTTP).
Which status an adapter gives it is the adapter's matter.
"""

from collections.abc import Iterable

from msgspec import Struct

Loc = tuple[str | int, ...]


class Fault(Struct, frozen=True):
    """One fault of an input: where it is, what is wrong, and its type (`value_error.…`)."""

    loc: Loc
    msg: str
    type: str


class DomainError(Exception):
    """Base of all that a use case may refuse with."""

    code = "error"

    def __init__(
        self, detail: str, *, code: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after
        if code is not None:
            self.code = code


class Invalid(DomainError):
    """The input breaks the rules of its shape; all its faults at once."""

    code = "validation_error"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{'.'.join(map(str, f.loc))}: {f.msg}" for f in self.faults))


class Unauthenticated(DomainError):
    """Nobody we know: no token, or one that is no good."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """Known, and not allowed."""

    code = "forbidden"


class Missing(DomainError):
    """Not there, or not to be seen by this actor."""

    code = "not_found"


class Conflict(DomainError):
    """Well formed, but the state of things does not permit it."""

    code = "conflict"


class PreconditionFailed(DomainError):
    """It is no longer as the caller believes it to be."""

    code = "precondition_failed"


class TooMany(DomainError):
    """A limit is used up; `retry_after` says when to come back (seconds)."""

    code = "rate_limited"


class Unavailable(DomainError):
    """Something we need is away; `retry_after` says when to come back (seconds)."""

    code = "unavailable"


def invalid(loc: str | Loc, msg: str, kind: str = "value_error") -> Invalid:
    """One fault of the body at `loc` (a dotless key or a whole path), as an error to raise."""
    path: Loc = ("body", loc) if isinstance(loc, str) else loc
    return Invalid([Fault(path, msg, kind)])
