"""Requests with an Idempotency-Key, and their answers, between HTTP and the use case."""

from hashlib import sha256

from litestar.types import HTTPScope

from twosigma.adapters.http.reply import Reply
from twosigma.domain.repeats import Answer, Request

_OF_BODY = b"content-length"


def request_of(scope: HTTPScope, user_id: int, key: str, body: bytes) -> Request:
    """A request with its key; the digest is over method, path, query and body."""
    digest = sha256()
    for part in (
        scope["method"].encode(),
        scope["path"].encode(errors="surrogatepass"),
        scope["query_string"],
        body,
    ):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return Request(user_id=user_id, key=key, digest=digest.digest())


def answer_of(reply: Reply) -> Answer:
    """An answer as it is kept."""
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in reply.headers
        if name != _OF_BODY
    )
    return Answer(status=reply.status, headers=headers, body=reply.body)


def reply_of(answer: Answer) -> Reply:
    """A kept answer as it is sent."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    return Reply(answer.status, headers, answer.body)
