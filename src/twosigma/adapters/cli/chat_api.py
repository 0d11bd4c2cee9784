"""The HTTP API as the chat in the terminal uses it; it forgives a bad line and an old token."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import httpx
import msgspec
from msgspec import Struct

TRIES = 6
"""How often a broken connection is tried again before it is given up."""
_TIMEOUT = httpx.Timeout(connect=5.0, read=45.0, write=10.0, pool=5.0)
_PREFIX = "/api/v1"
_PAGE = 100


class Refused(Exception):
    """The server says no: `status` and a line for a person."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Away(Exception):
    """The server cannot be reached, or what answers is none of ours."""


class Event(Struct, frozen=True):
    """One event of a streamed reply."""

    content: str
    done: bool
    message_id: int | None = None
    detail: str | None = None


class Api:
    """Signed in as one account. `tell` hears of broken lines, in words for a person.

    Every call raises Refused or Away. `pause` waits some seconds.
    """

    def __init__(
        self,
        client: httpx.Client,
        tell: Callable[[str], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._tell = tell
        self._pause = pause
        self._access = ""
        self._refresh = ""

    def login(self, email: str, password: str) -> None:
        """Sign in; Refused with 401 for a wrong password."""
        answer = self._send("POST", "/auth/login", body={"email": email, "password": password})
        self._keep(answer)

    def address(self, path: str) -> str:
        """The whole URL of a path of the server."""
        return str(self._client.base_url.join(path))

    def get(self, path: str, **query: str | int) -> Any:
        return self._signed("GET", path, query=query).json()

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        return self._signed("POST", path, body=body).json()

    def all(self, path: str) -> list[Any]:
        """Every row of a list, page by page where it has pages."""
        answer = self._signed("GET", path)
        rows: list[Any] = answer.json()
        total = int(answer.headers.get("X-Total-Count", len(rows)))
        while len(rows) < total:
            page = self.get(path, skip=len(rows), limit=_PAGE)
            if not page:
                break
            rows += page
        return rows

    def turn(self, session_id: int, message: str | None) -> Iterator[str]:
        """The pieces of the reply to a message (None: the greeting), each once, whatever
        happens to the line meanwhile. Raises Refused where the turn fails."""
        base = f"/chat/sessions/{session_id}"
        return _Turn(self, base, message).pieces()

    def open(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """A streamed response, accepted; raises httpx.TransportError as it comes."""
        for is_last in (False, True):
            request = self._request(method, path, body, query, headers)
            response = self._client.send(request, stream=True)
            if response.status_code != httpx.codes.UNAUTHORIZED or is_last:
                break
            response.close()
            self._renew()
        if response.status_code >= httpx.codes.BAD_REQUEST:
            response.read()
            _accept(response)
        return response

    def wait(self, number: int, broken: Exception) -> None:
        """Before the next try (`number` counts from 1): say so and wait; Away at last."""
        if number >= TRIES:
            raise Away(f"cannot reach {self._client.base_url.host}: {_why(broken)}") from broken
        self._tell(f"The connection broke ({_why(broken)}); trying again …")
        self._pause(min(0.25 * 2**number, 4.0))

    def _signed(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> httpx.Response:
        try:
            return self._send(method, path, body=body, query=query)
        except Refused as refused:
            if refused.status != httpx.codes.UNAUTHORIZED:
                raise
        self._renew()
        return self._send(method, path, body=body, query=query)

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        number = 1
        while True:
            try:
                response = self._client.send(self._request(method, path, body, query, headers))
            except httpx.TransportError as broken:
                self.wait(number, broken)
                number += 1
            else:
                _accept(response)
                return response

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        query: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        signed = {"Authorization": f"Bearer {self._access}"} if self._access else {}
        return self._client.build_request(
            method,
            _PREFIX + path,
            json=body,
            params=query or None,
            headers={**signed, **(headers or {})},
            timeout=_TIMEOUT,
        )

    def _renew(self) -> None:
        if not self._refresh:
            raise Refused(httpx.codes.UNAUTHORIZED, "Not signed in")
        signed = {"Authorization": f"Bearer {self._refresh}"}
        try:
            self._keep(self._send("POST", "/auth/refresh", headers=signed))
        except Refused as refused:
            raise Refused(refused.status, "You are signed out; start again") from None

    def _keep(self, response: httpx.Response) -> None:
        tokens = response.json()
        self._access, self._refresh = tokens["access_token"], tokens["refresh_token"]


class _Turn:
    """One turn's events, over as many connections as it takes."""

    def __init__(self, api: Api, base: str, message: str | None) -> None:
        self._api = api
        self._base = base
        self._message = message
        # The same key again reads along with the turn that it started, if it did start one.
        self._key = {"Idempotency-Key": secrets.token_hex(16)}
        self._turn_id: str | None = None
        self._seen = 0

    def pieces(self) -> Iterator[str]:
        broken: Exception = EOFError("the reply stopped short")
        number = 0
        while True:
            before = self._seen
            try:
                with closing(self._open()) as response:
                    if response.status_code == httpx.codes.NO_CONTENT:
                        return
                    self._turn_id = response.headers.get("Turn-Id", self._turn_id)
                    for event in self._events(response):
                        if event.done:
                            _require_kept(event)
                            return
                        yield event.content
            except httpx.TransportError as lost:
                broken = lost
            number = 1 if self._seen > before else number + 1
            self._api.wait(number, broken)

    def _open(self) -> httpx.Response:
        if self._turn_id is not None:
            query: dict[str, str | int] = {"turn": self._turn_id, "after": self._seen}
            return self._api.open("GET", f"{self._base}/stream", query=query)
        if self._message is None:
            return self._api.open("POST", f"{self._base}/greeting", headers=self._key)
        body = {"content": self._message}
        return self._api.open("POST", f"{self._base}/messages", body=body, headers=self._key)

    def _events(self, response: httpx.Response) -> Iterator[Event]:
        for line in response.iter_lines():
            if line.startswith("data:"):
                event = msgspec.json.decode(line.removeprefix("data:"), type=Event)
                self._seen += 1
                yield event


def _require_kept(event: Event) -> None:
    if event.message_id is None:
        raise Refused(httpx.codes.SERVICE_UNAVAILABLE, event.detail or "The answer broke off.")


def _accept(response: httpx.Response) -> None:
    if response.status_code < httpx.codes.BAD_REQUEST:
        return
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        raise Away(f"{response.url.host} does not answer as 2Sigma does") from None
    if isinstance(detail, list):
        detail = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in detail)
    raise Refused(response.status_code, str(detail))


def _why(broken: Exception) -> str:
    return str(broken) or type(broken).__name__
