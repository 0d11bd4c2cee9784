"""The OpenAI-compatible model against a real server that answers in every wrong way."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.completions_server import DONE, Answer, CompletionsServer, frame, serving, usage
from tests.tutoring import request
from twosigma.adapters.openai.llm import OpenAiLlm
from twosigma.adapters.openai.render import messages
from twosigma.adapters.openai.sse import LINE_LIMIT
from twosigma.domain.llm import Delta, End, ModelRefused, Piece, Said

KEY = "sk-do-not-tell-0123456789"
SECRET_BODY = "<html>upstream-secret</html>"


@asynccontextmanager
async def model(
    answer: Answer | Callable[[dict[str, Any]], Answer],
) -> AsyncIterator[tuple[OpenAiLlm, CompletionsServer]]:
    async with serving(answer) as server, httpx.AsyncClient(trust_env=False) as client:
        yield (
            OpenAiLlm(base_url=server.url, api_key=KEY, default_model="small", client=client),
            server,
        )


async def outcome(answer: Answer) -> tuple[list[Piece], ModelRefused | None]:
    said: list[Piece] = []
    async with model(answer) as (llm, _):
        try:
            async for piece in llm.reply(request()):
                said.append(piece)
        except ModelRefused as refused:
            return said, refused
    return said, None


def stream(*blocks: bytes, **changes: Any) -> Answer:
    return Answer(blocks=blocks, **changes)


async def test_a_reply_is_streamed_and_ends_once() -> None:
    said, refused = await outcome(
        stream(b": hello\n\n", frame(""), frame("Hel"), frame("lo"), frame(finish="stop"), DONE)
    )
    assert (said, refused) == ([Delta("Hel"), Delta("lo"), End()], None)


async def test_the_call_carries_model_parameters_messages_and_key() -> None:
    async with model(stream(frame("x", "stop"))) as (llm, server):
        asked = request("Why?", history=(Said(role="assistant", content="Welcome!"),))
        assert [piece async for piece in llm.reply(asked)] == [Delta("x"), End()]
    body = server.bodies[0]
    assert server.heads[0].startswith("POST /v1/chat/completions HTTP/1.1")
    assert f"authorization: bearer {KEY}" in server.heads[0].lower()
    assert (body["model"], body["stream"]) == ("a-model", True)
    assert (body["temperature"], body["max_tokens"]) == (0.25, 512)
    assert body["messages"] == messages(asked)
    assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("status", "retryable"),
    [("429 Slow", True), ("500 Oh", True), ("502 Bad", True), ("503 Busy", True),
     ("400 Bad", False), ("401 Who", False), ("403 No", False), ("404 What", False),
     ("302 There", False)],
)  # fmt: skip
async def test_f80_f81_a_refusal_before_the_first_token_says_whether_to_retry(
    status: str, retryable: bool
) -> None:
    said, refused = await outcome(
        stream(SECRET_BODY.encode(), status=status, content_type="text/html")
    )
    assert said == []
    assert refused is not None
    assert refused.retryable is retryable
    assert refused.detail == f"HTTP {status[:3]}"


async def test_f80_a_refused_connection_may_be_retried() -> None:
    async with serving(stream()) as server:
        pass
    llm = OpenAiLlm(base_url=server.url, api_key=KEY, default_model="small")
    try:
        with pytest.raises(ModelRefused) as refused:
            await anext(llm.reply(request()))
    finally:
        await llm.aclose()
    assert refused.value.retryable
    assert refused.value.detail == "connection: ConnectError"


@pytest.mark.parametrize("kind", ["application/json", "text/html; charset=utf-8"])
async def test_an_answer_that_is_no_stream_is_refused(kind: str) -> None:
    said, refused = await outcome(stream(b"{}", content_type=kind))
    assert said == []
    assert refused is not None
    assert not refused.retryable


BROKEN = {
    "cut inside a chunk": stream(frame("a"), ending="cut"),
    "unparsable frame": stream(frame("a"), b"data: {oops\n\n"),
    "frame of another shape": stream(frame("a"), b'data: {"choices": 3}\n\n'),
    "nested without end": stream(frame("a"), b"data: " + b'{"x":' * 20_000 + b"\n\n"),
    "error object": stream(frame("a"), b'data: {"error": {"message": "no"}}\n\n'),
    "error event": stream(frame("a"), b'event: error\ndata: {"message": "no"}\n\n'),
    "vLLM's error": stream(frame("a"), b'data: {"object": "error", "message": "no"}\n\n'),
    "not UTF-8": stream(frame("a"), b'data: {"x": "\xff"}\n\n'),
    "line without end": stream(frame("a"), b"data: " + b"x" * (LINE_LIMIT + 1)),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_f82_a_reply_that_breaks_is_refused_and_never_ended(broken: Answer) -> None:
    said, refused = await outcome(broken)
    assert said == [Delta("a")]
    assert refused is not None
    assert not refused.retryable


async def test_a_cut_before_the_first_token_may_be_retried() -> None:
    said, refused = await outcome(stream(frame(""), ending="cut"))
    assert said == []
    assert refused is not None
    assert refused.retryable


CUT = {
    "end of the stream": stream(frame("a")),
    "half a frame": stream(frame("a"), frame("b", "stop")[:-4]),
    "a whole last line without its blank line": stream(frame("a"), frame("b", "stop")[:-1]),
    "done without a reason": stream(frame("a"), DONE, frame(finish="stop")),
}


@pytest.mark.parametrize("cut", CUT.values(), ids=CUT.keys())
async def test_f83_a_clean_end_without_a_finish_reason_is_no_end(cut: Answer) -> None:
    assert await outcome(cut) == ([Delta("a")], None)


@pytest.mark.parametrize(
    ("word", "reason"),
    [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "content_filtered"),
     ("tool_calls", "tool_calls"), ("eos", "eos")],
)  # fmt: skip
async def test_f84_how_a_reply_ended_is_told(word: str, reason: str) -> None:
    assert await outcome(stream(frame("a"), frame(finish=word))) == (
        [Delta("a"), End(reason)],
        None,
    )


async def test_f85_an_empty_reply_is_an_end_without_text() -> None:
    assert await outcome(stream(frame(""), frame(None), frame(finish="stop"))) == ([End()], None)


async def test_frames_without_choices_are_passed_over() -> None:
    said, refused = await outcome(
        stream(
            b'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n',
            b'data: {"choices": null}\n\n',
            b'data: {"choices": [{"delta": null, "finish_reason": null}]}\n\n',
            frame("a", "stop"),
        )
    )
    assert (said, refused) == ([Delta("a"), End()], None)


async def test_a_slow_reply_comes_piece_by_piece() -> None:
    slow = stream(frame("a"), frame("b"), frame(finish="stop"), pause=0.05)
    async with model(slow) as (llm, _), aclosing(llm.reply(request())) as reply:
        loop = asyncio.get_running_loop()
        assert await anext(reply) == Delta("a")
        first = loop.time()
        assert [piece async for piece in reply] == [Delta("b"), End()]
        assert loop.time() - first > 0.03


@pytest.mark.parametrize("begun", [True, False])
async def test_closing_the_generator_closes_the_connection(begun: bool) -> None:
    silent = stream(frame("a") if begun else b": wait\n\n", ending="silence")
    async with model(silent) as (llm, server):
        reply = llm.reply(request())
        if begun:
            assert await anext(reply) == Delta("a")
            await reply.aclose()
        else:
            await give_up(reply)
        await asyncio.wait_for(server.gone.wait(), 2)


async def give_up(reply: AsyncGenerator[Piece, None]) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(reply), 0.1)


@pytest.mark.parametrize("last", [(DONE,), (usage(),)])
async def test_the_connection_is_left_when_nothing_more_is_to_come(last: tuple[bytes]) -> None:
    async with model(stream(frame("a", "stop"), *last, ending="silence")) as (llm, server):
        said = [piece async for piece in llm.reply(request())]
        assert said[:2] == [Delta("a"), End()]
        await asyncio.wait_for(server.gone.wait(), 2)


async def test_neither_key_nor_body_is_in_what_is_raised_or_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    answers = [stream(SECRET_BODY.encode(), status="401 Who"), *BROKEN.values()]
    told = [repr(refused) for _, refused in [await outcome(one) for one in answers]]
    for secret in (KEY, "upstream-secret", "oops", "message"):
        assert all(secret not in line for line in told)
    own = [record.getMessage() for record in caplog.records if "twosigma" in record.name]
    assert own == []


async def test_a_key_that_no_header_can_hold_is_refused_without_being_told() -> None:
    for key in ("schlüssel", "two\nlines"):
        with pytest.raises(ValueError, match="the API key") as refused:
            OpenAiLlm(base_url="http://127.0.0.1/v1", api_key=key, default_model="m")
        assert key not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "localhost:8080/v1", "ftp://host/v1", "http:///v1", "http://h:p"]
)
def test_a_base_url_that_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        OpenAiLlm(base_url=url, api_key="", default_model="m")


async def test_a_server_without_a_key_is_sent_none_and_own_clients_are_closed() -> None:
    async with serving(stream(frame("a", "stop"))) as server:
        llm = OpenAiLlm(base_url=server.url + "/", api_key="", default_model="m", max_tokens=9)
        assert [piece async for piece in llm.reply(request())] == [Delta("a"), End()]
        await llm.aclose()
        with pytest.raises(RuntimeError):
            await anext(llm.reply(request()))
    assert "authorization" not in server.heads[0].lower()
    assert llm.parameters == {"temperature": 0.3, "max_tokens": 9}
    assert (llm.model_id(None), llm.model_id("big")) == ("m", "big")


async def test_a_client_that_was_given_is_the_givers_to_close() -> None:
    async with model(stream(frame("a", "stop"))) as (llm, _):
        await llm.aclose()
        assert [piece async for piece in llm.reply(request())] == [Delta("a"), End()]
