"""Errors as Langfuse's SDKs read them: `{"message", "error"}`, whatever refused.

An SDK asks again after 409 and from 500 on, and forgets its good copy after 404: what is wrong
with a request, or with what a prompt depends on, is 400 here.
"""

from typing import Any

import msgspec
from litestar.types import Message, Send
from msgspec import Struct

PREFIX = "/api/public"
STATUS = {422: 400}
"""Statuses that are told as another one; the rest stay."""
NAMES = {
    400: "InvalidRequestError",
    401: "UnauthorizedError",
    403: "ForbiddenError",
    404: "NotFoundError",
    405: "MethodNotAllowedError",
    408: "RequestTimeoutError",
    413: "PayloadTooLargeError",
    429: "TooManyRequestsError",
    500: "InternalServerError",
    503: "ServiceUnavailableError",
}
INVALID = "Invalid request data"
_CHALLENGE = (b"www-authenticate", b'Basic realm="2Sigma", charset="UTF-8"')
_REPLACED = frozenset({b"content-length", b"www-authenticate"})


class IssueOut(Struct, frozen=True, kw_only=True):
    """One fault of a request."""

    code: str
    message: str
    path: list[str | int]


class PublicErrorOut(Struct, frozen=True, kw_only=True):
    """`error`: the name of a class; where the request's form is wrong, all its faults."""

    message: str
    error: str | list[IssueOut]


def told(status: int, detail: Any) -> PublicErrorOut:
    """What our `detail` is in Langfuse's form; `status` is the one that is told."""
    if isinstance(detail, str):
        return PublicErrorOut(message=detail, error=NAMES.get(status, "Error"))
    issues = [
        IssueOut(code=fault["type"], message=fault["msg"], path=fault["loc"]) for fault in detail
    ]
    return PublicErrorOut(message=INVALID, error=issues)


def translated(path: str, send: Send) -> Send:
    """How an answer for this path is sent: errors below `PREFIX` in Langfuse's form."""
    is_public = path == PREFIX or path.startswith(PREFIX + "/")
    return _Translated(send).send if is_public else send


class _Translated:
    """Holds an error back until it is whole, and sends it in the other form."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Any = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._start = message
        elif self._start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message["body"]
            if not message.get("more_body"):
                await self._send_whole()

    async def _send_whole(self) -> None:
        start, given = self._start, self._body
        status = STATUS.get(start["status"], start["status"])
        headers = [pair for pair in start["headers"] if pair[0] not in _REPLACED]
        if status == 401:
            headers.append(_CHALLENGE)
        body = b""
        if given:  # HEAD is answered without one
            body = msgspec.json.encode(told(status, msgspec.json.decode(given)["detail"]))
            headers.append((b"content-length", b"%d" % len(body)))
        start |= {"status": status, "headers": headers}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
