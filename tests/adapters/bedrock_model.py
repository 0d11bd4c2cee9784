"""A model over the scripted Bedrock."""

import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Any

from tests.bedrock_server import Answer, BedrockServer, serving
from tests.credentials import AWS
from twosigma.adapters.bedrock.clients import Clients
from twosigma.adapters.bedrock.llm import BedrockLlm
from twosigma.adapters.bedrock.threads import Threads
from twosigma.domain.credentials import AwsKeys
from twosigma.domain.llm import ModelRefused, Piece, Usage

AWAY = "http://127.0.0.1:9"
"""Where nothing listens."""


async def stored() -> AwsKeys | None:
    return AWS


def clients(url: str, read_timeout: float = 5, **changes: Any) -> Clients:
    options = {"region": "eu-west-1", "connections": 16, "asks_machine": False, **changes}
    return Clients(endpoint_url=url, read_timeout=read_timeout, **options)


@contextmanager
def model(
    answer: Answer | None,
    *,
    read_timeout: float = 5,
    threads: Threads | None = None,
    tls: ssl.SSLContext | None = None,
    **changes: Any,
) -> Iterator[tuple[BedrockLlm, BedrockServer]]:
    """A model, and the server behind it (for an answer of None it listens elsewhere)."""
    pool = threads or Threads()
    with serving(answer or Answer(), tls) as server:
        url = AWAY if answer is None else server.url
        options = {"keys": stored, "default_model": "small", **changes}
        sources = clients(url, read_timeout)
        sources.of(AWS)  # made now, so that no test's time is spent on it
        yield BedrockLlm(sources=sources, threads=pool, **options), server
        pool.close()


async def outcome(
    reply: AsyncGenerator[Piece, None],
) -> tuple[list[Piece], ModelRefused | None]:
    """All that a reply gives but its count, and how it is refused, if it is."""
    said: list[Piece] = []
    try:
        async for piece in reply:
            if not isinstance(piece, Usage):
                said.append(piece)
    except ModelRefused as refused:
        return said, refused
    return said, None
