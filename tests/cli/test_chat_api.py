"""The chat's line to the server: broken streams, old tokens, servers that are away."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from twosigma.adapters.cli.chat_api import TRIES, Api, Away, Refused

PIECES = ("one ", "two ", "three")


def event(content: str) -> bytes:
    return f"data: {json.dumps({'content': content, 'done': False})}\n\n".encode()


DONE = b'data: {"content": "", "done": true, "message_id": 7}\n\n'
FAILED = b'data: {"content": "", "done": true, "message_id": null, "detail": "It broke."}\n\n'


class Breaking(httpx.SyncByteStream):
    """A body that breaks off after its blocks."""

    def __init__(self, *blocks: bytes, error: Exception | None = None) -> None:
        self._blocks = blocks
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield from self._blocks
        if self._error is not None:
            raise self._error


Step = Callable[[httpx.Request], httpx.Response]


class Script:
    """A server that answers each request with its next step, and keeps what it was asked."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.asked: list[httpx.Request] = []
        self.told: list[str] = []
        self.waited: list[float] = []
        client = httpx.Client(
            base_url="http://server.example", transport=httpx.MockTransport(self._answer)
        )
        self.api = Api(client, self.told.append, self.waited.append)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._steps.pop(0)(request)

    def reply(self) -> str:
        return "".join(self.api.turn(3, "hello"))


def stream(*blocks: bytes, error: Exception | None = None, turn: str = "t-1") -> Step:
    return lambda _: httpx.Response(
        200, headers={"Turn-Id": turn}, stream=Breaking(*blocks, error=error)
    )


def answer(status: int, body: object = None) -> Step:
    return lambda _: httpx.Response(status, json=body)


def broken(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route")


def tokens(number: int) -> Step:
    return answer(200, {"access_token": f"a{number}", "refresh_token": f"r{number}"})


OLD = answer(401, {"detail": "The token has expired"})
LOST = httpx.ReadError("gone")


def test_a_broken_stream_goes_on_where_it_broke() -> None:
    script = Script(
        stream(event("one "), b": keep-alive\n\n", event("two "), error=LOST),
        stream(event("three"), DONE),
    )
    assert script.reply() == "".join(PIECES)
    assert str(script.asked[1].url).endswith("/chat/sessions/3/stream?turn=t-1&after=2")
    assert len(script.told) == 1


def test_a_stream_that_ends_without_its_end_is_broken_too() -> None:
    script = Script(stream(event("one ")), broken, stream(event("two "), event("three"), DONE))
    assert script.reply() == "".join(PIECES)


def test_a_line_that_breaks_before_the_turn_sends_it_again_under_the_same_key() -> None:
    script = Script(broken, stream(event("one "), DONE))
    assert script.reply() == "one "
    keys = [request.headers["Idempotency-Key"] for request in script.asked]
    assert len(set(keys)) == 1


def test_nothing_left_to_give_is_the_end() -> None:
    script = Script(stream(event("one "), error=LOST), lambda _: httpx.Response(204))
    assert script.reply() == "one "


def test_a_turn_that_fails_is_told_in_its_own_words() -> None:
    script = Script(stream(event("one "), FAILED))
    with pytest.raises(Refused, match="It broke"):
        script.reply()


def test_a_server_that_stays_away_is_given_up() -> None:
    script = Script(*[broken] * TRIES)
    with pytest.raises(Away, match=r"server\.example"):
        script.reply()
    assert script.waited == sorted(script.waited)
    assert len(script.told) == TRIES - 1


def test_an_old_token_is_renewed_once_and_the_call_made_again() -> None:
    script = Script(tokens(1), OLD, tokens(2), answer(200, {"id": 1}))
    script.api.login("a@b.example", "p")
    assert script.api.get("/users/me") == {"id": 1}
    sent = [request.headers.get("Authorization") for request in script.asked]
    assert sent == [None, "Bearer a1", "Bearer r1", "Bearer a2"]


def test_a_token_that_ages_before_a_turn_is_renewed_too() -> None:
    script = Script(tokens(1), OLD, tokens(2), stream(event("one "), DONE))
    script.api.login("a@b.example", "p")
    assert script.reply() == "one "


@pytest.mark.parametrize("then", [OLD, answer(403, {"detail": "Account is inactive"})])
def test_who_is_signed_out_is_told_to_begin_again(then: Step) -> None:
    script = Script(tokens(1), OLD, then)
    script.api.login("a@b.example", "p")
    with pytest.raises(Refused, match="signed out"):
        script.api.get("/users/me")


def test_faults_of_a_form_are_one_line() -> None:
    faults = [{"loc": ["body", "content"], "msg": "Must not be blank", "type": "v"}]
    script = Script(answer(422, {"detail": faults}))
    with pytest.raises(Refused, match="content: Must not be blank"):
        script.api.post("/chat/sessions")


def test_a_server_of_another_kind_is_told_so() -> None:
    script = Script(lambda _: httpx.Response(404, text="<html>"))
    with pytest.raises(Away, match="does not answer as 2Sigma does"):
        script.api.get("/courses/")


def test_a_list_is_read_to_its_end() -> None:
    def page(rows: list[int]) -> Step:
        return lambda _: httpx.Response(200, json=rows, headers={"X-Total-Count": "3"})

    script = Script(page([1, 2]), page([3]))
    assert script.api.all("/courses/") == [1, 2, 3]
    assert script.asked[1].url.params["skip"] == "2"
