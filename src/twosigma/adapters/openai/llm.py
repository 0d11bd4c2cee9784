"""The model port over HTTP: `POST {base_url}/chat/completions`, streamed."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import cast

import httpx
import msgspec
from msgspec import Struct

from twosigma.adapters.openai.render import messages
from twosigma.adapters.openai.sse import Event, EventStream, Malformed
from twosigma.domain.llm import (
    END_TURN,
    Delta,
    End,
    ModelRefused,
    Piece,
    TutorRequest,
    Usage,
    counted,
)

# How long a reply may take or be silent is the generation's limit, so reading has none here.
_TIMEOUT = httpx.Timeout(connect=3.0, read=None, write=10.0, pool=5.0)
_DONE = "[DONE]"
# How servers refuse a parameter that they do not know.
_UNKNOWN = (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY)
_REASONS = {"stop": END_TURN, "length": "max_tokens", "content_filter": "content_filtered"}


class _Text(Struct, frozen=True):
    content: str | None = None


class _Choice(Struct, frozen=True):
    delta: _Text | None = None
    finish_reason: str | None = None


class _Frame(Struct, frozen=True):
    choices: tuple[_Choice, ...] | None = None
    usage: object = None
    error: object = None
    object: str | None = None


class OpenAiLlm:
    """A model behind an OpenAI-compatible server.

    `base_url` has its `/v1`; an empty `api_key` sends none (local servers). A `client` given
    is the giver's to close. Raises ValueError for a URL or key that cannot be sent; its text
    never holds the key. `temperature` and `max_tokens` (of a reply) go along with each call.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        default_model: str,
        client: httpx.AsyncClient | None = None,
        max_tokens: int = 2_048,
        temperature: float = 0.3,
    ) -> None:
        self._url = _endpoint(base_url)
        self._headers = {"Accept": "text/event-stream", "Content-Type": "application/json"}
        key = api_key.strip()
        if not (key.isascii() and key.isprintable()):
            raise ValueError("the API key holds characters that no key has")
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._default_model = default_model
        self._parameters = {"temperature": temperature, "max_tokens": max_tokens}
        self._uncounted: set[str] = set()
        self._is_own = client is None
        self._client = httpx.AsyncClient() if client is None else client

    @property
    def parameters(self) -> Mapping[str, str | int | float]:
        """`temperature` and `max_tokens`."""
        return self._parameters

    @property
    def is_metered(self) -> bool:
        """Whatever is behind the address, somebody pays for it."""
        return True

    def model_id(self, wanted: str | None) -> str:
        """The course's wish, else the default model."""
        return wanted or self._default_model

    async def aclose(self) -> None:
        """Close the connections; a client that was given stays open."""
        if self._is_own:
            await self._client.aclose()

    async def reply(self, request: TutorRequest) -> AsyncGenerator[Piece, None]:
        """The port's `reply`. What a refusal says is the status or the kind of fault: never
        the service's words, the request or the key."""
        has_begun = False
        try:
            async with self._answer(request) as response:
                _accept(response)
                async with aclosing(_pieces(response)) as pieces:
                    async for piece in pieces:
                        has_begun = has_begun or not isinstance(piece, Usage)
                        yield piece
        except httpx.HTTPError as broken:
            fault = type(broken).__name__
            raise ModelRefused(f"connection: {fault}", retryable=not has_begun) from None
        except Malformed as malformed:
            raise ModelRefused(f"unreadable stream: {malformed}") from None

    @asynccontextmanager
    async def _answer(self, request: TutorRequest) -> AsyncIterator[httpx.Response]:
        """The server's answer. It is asked to count; one that knows no such wish (older Azure
        API versions, Mistral) is asked again without, and not any more for this model."""
        model = request.context.model
        if model not in self._uncounted:
            async with self._post(request, {"stream_options": {"include_usage": True}}) as response:
                if response.status_code not in _UNKNOWN:
                    yield response
                    return
        async with self._post(request, {}) as response:
            if response.status_code == httpx.codes.OK:
                self._uncounted.add(model)
            yield response

    def _post(
        self, request: TutorRequest, wish: dict[str, object]
    ) -> AbstractAsyncContextManager[httpx.Response]:
        return self._client.stream(
            "POST",
            self._url,
            content=msgspec.json.encode({**_body(request), **wish}),
            headers=self._headers,
            timeout=_TIMEOUT,
            follow_redirects=False,
        )


def _endpoint(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ValueError("the model's base URL is no URL") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("the model's base URL must begin with http:// or https:// and a host")
    return base_url.rstrip("/") + "/chat/completions"


def _body(request: TutorRequest) -> dict[str, object]:
    # The parameters are the context's, not this adapter's: they are what was fingerprinted.
    return {
        **request.context.parameters,
        "model": request.context.model,
        "messages": messages(request),
        "stream": True,
    }


def _accept(response: httpx.Response) -> None:
    status = response.status_code
    if status != httpx.codes.OK:
        raise ModelRefused(
            f"HTTP {status}", retryable=status == httpx.codes.TOO_MANY_REQUESTS or status >= 500
        )
    kind = response.headers.get("content-type", "")
    if kind.startswith(("application/json", "text/html")):
        raise ModelRefused(f"no event stream but {kind.partition(';')[0]}")


async def _pieces(response: httpx.Response) -> AsyncGenerator[Piece, None]:
    """The reply's pieces up to its End, and the count that follows it; no End where the stream
    ends without a finish reason."""
    events = EventStream()
    has_ended = False
    # httpx declares its generator as a mere iterator; left open it would outlive the response.
    opened = cast("AsyncGenerator[bytes, None]", response.aiter_bytes())
    async with aclosing(opened) as blocks:
        async for block in blocks:
            for event in events.feed(block):
                if event.data == _DONE:
                    return
                for piece in _read(event):
                    yield piece
                    has_ended = has_ended or isinstance(piece, End)
                    if has_ended and isinstance(piece, Usage):
                        return


def _read(event: Event) -> Iterator[Piece]:
    try:
        frame = msgspec.json.decode(event.data, type=_Frame)
    except (msgspec.DecodeError, RecursionError):
        raise ModelRefused("unreadable frame") from None
    if frame.error is not None or "error" in (event.name, frame.object):
        raise ModelRefused("the service broke off with an error")
    for choice in (frame.choices or ())[:1]:
        if choice.delta is not None and choice.delta.content:
            yield Delta(choice.delta.content)
        if choice.finish_reason:
            yield End(_REASONS.get(choice.finish_reason, choice.finish_reason))
    counts = frame.usage if isinstance(frame.usage, dict) else {}
    yield from counted(counts.get("prompt_tokens"), counts.get("completion_tokens"))
