"""Langfuse's public API, asked politely: few questions at once, asked again where that may help.

No text of an error holds a key, nor anything that the server said but for numbers and a host.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from ipaddress import ip_address
from typing import TypeVar, cast

import httpx
import msgspec
from msgspec import Struct

from twosigma.domain.errors import Unavailable

MAX_BYTES = 32 * 1024 * 1024
MAX_WAIT = 60
_WAITS = (0.5, 1.0, 2.0, 4.0)
_WHOLE = 60.0
_TIMEOUT = httpx.Timeout(connect=10.0, read=30.0, write=10.0, pool=60.0)
_AGAIN = frozenset({408, 429})
T = TypeVar("T")


class Answer(Struct, frozen=True):
    status: int
    headers: httpx.Headers
    body: bytes


def checked_url(text: str) -> httpx.URL:
    """The address of a service; raises ValueError with what is wrong, never with a key."""
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, UnicodeError):
        raise ValueError("it is no URL") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("it must begin with http:// or https:// and a host")
    if url.userinfo:
        raise ValueError("it must not hold keys")
    if url.query or url.fragment:
        raise ValueError("it must end with its host or path")
    return url


def _is_open(url: httpx.URL) -> bool:
    if url.scheme == "https" or url.host == "localhost":
        return False
    try:
        return not ip_address(url.host).is_loopback
    except ValueError:
        return True


class Client:
    """One service with one pair of keys; within `async with`. `is_open`: what is sent can be read
    on the way (plain HTTP to another machine). `pause` waits so many seconds.

    Raises ValueError for an address or keys that cannot be sent."""

    def __init__(
        self,
        url: str,
        public_key: str,
        secret_key: str,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timeout: httpx.Timeout = _TIMEOUT,
        whole: float = _WHOLE,
    ) -> None:
        base = checked_url(url)
        for key in (public_key, secret_key):
            if not (key.isascii() and key.isprintable()):
                raise ValueError("a key holds characters that no key has")
        self._base = str(base).rstrip("/")
        self.host = base.netloc.decode("ascii")
        self.is_open = _is_open(base)
        self._whole = whole
        self._pause = pause
        self._http = httpx.AsyncClient(
            auth=(public_key, secret_key),
            headers={"Accept": "application/json", "User-Agent": "twosigma"},
            timeout=timeout,
            # A redirect would take the keys along, or lose them.
            follow_redirects=False,
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, query: Mapping[str, str], kind: type[T]) -> T | None:
        """What there is at this path below the API, whose parts are percent-encoded; None: 404.
        Raises Unavailable."""
        answer = await self._final(f"{self._base}/api/public{path}", query)
        if answer.status == httpx.codes.NOT_FOUND:
            return None
        if answer.status != httpx.codes.OK:
            raise Unavailable(f"{self.host} {_refusal(answer)}")
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
            if answer.body.lstrip()[:1] == b"<":
                why = "a web page: is this Langfuse's address?"
            else:
                why = f"not what its API has: {broken}"
            raise Unavailable(f"{self.host} answers with {why}") from None

    async def _final(self, url: str, query: Mapping[str, str]) -> Answer:
        """The first answer that asking again would not change, or the last error."""
        waits = iter(_WAITS)
        while True:
            try:
                async with asyncio.timeout(self._whole):
                    answer = await self._asked(url, query)
            except (httpx.RequestError, TimeoutError) as broken:
                told, rest = _failure(broken), 0
                if _is_of_tls(broken):
                    raise Unavailable(f"{self.host} {told}") from None
            else:
                if answer.status not in _AGAIN and answer.status < 500:
                    return answer
                told, rest = f"{_refusal(answer)}, again and again", self._rest_after(answer)
            wait = next(waits, None)
            if wait is None:
                raise Unavailable(f"{self.host} {told}")
            await self._pause(max(wait, rest))

    def _rest_after(self, answer: Answer) -> int:
        """How many seconds the server wants us to wait."""
        text = answer.headers.get("retry-after", "")
        seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
        if seconds > MAX_WAIT:
            raise Unavailable(f"{self.host} asks for {seconds} seconds of rest: try again later")
        return seconds

    async def _asked(self, url: str, query: Mapping[str, str]) -> Answer:
        async with self._http.stream("GET", url, params=query) as response:
            body = bytearray()
            # httpx declares its generator as a mere iterator; left open it would outlive this.
            opened = cast("AsyncGenerator[bytes, None]", response.aiter_bytes())
            async with aclosing(opened) as blocks:
                async for block in blocks:
                    body += block
                    if len(body) > MAX_BYTES:
                        raise Unavailable(f"{self.host} answers with more than {MAX_BYTES} bytes")
            return Answer(response.status_code, response.headers, bytes(body))


def _is_of_tls(broken: BaseException) -> bool:
    cause: BaseException | None = broken
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _failure(broken: Exception) -> str:
    if _is_of_tls(broken):
        return f"cannot be reached over TLS: {broken}"
    if isinstance(broken, httpx.TimeoutException | TimeoutError):
        return "does not answer in time"
    if isinstance(broken, httpx.ConnectError):
        return f"cannot be reached: {broken}"
    return f"breaks off: {type(broken).__name__}"


def _refusal(answer: Answer) -> str:
    if answer.status == httpx.codes.UNAUTHORIZED:
        return "does not know these keys (401): see LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"
    if answer.status == httpx.codes.FORBIDDEN:
        return "does not let these keys read prompts (403)"
    if 300 <= answer.status < 400:
        try:
            there = httpx.URL(answer.headers.get("location", ""))
        except httpx.InvalidURL:
            there = httpx.URL()
        elsewhere = f" to {there.scheme}://{there.netloc.decode('ascii')}" if there.host else ""
        return f"sends us on{elsewhere} ({answer.status}), where no keys are taken along"
    return f"answers with {answer.status}"
