"""What a call took, as OpenAI-compatible servers tell it, or do not."""

from typing import Any

import pytest

from tests.adapters.test_openai import model, outcome, stream
from tests.completions_server import DONE, Answer, frame, usage
from tests.tutoring import request
from twosigma.domain.llm import Delta, End, ModelRefused, Usage

COUNTED = Usage(input=7, output=3)
BOTH = b'"usage": {"prompt_tokens": 7, "completion_tokens": 3}'
LAST = b'{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}'
COUNTS = {
    "in a frame of its own": (frame("a", "stop"), usage(), DONE),
    "with the finish reason": (b'data: {"choices": [' + LAST + b"], " + BOTH + b"}\n\n", DONE),
    "and nothing follows": (frame("a", "stop"), usage()),
}


@pytest.mark.parametrize("blocks", COUNTS.values(), ids=COUNTS.keys())
async def test_what_the_call_took_is_told(blocks: tuple[bytes, ...]) -> None:
    assert await outcome(stream(*blocks)) == ([Delta("a"), End(), COUNTED], None)


async def test_a_count_so_far_is_told_as_it_comes_and_is_no_begin_of_a_reply() -> None:
    said, _ = await outcome(stream(usage(7, 0), frame("a"), frame("b", "stop"), usage(), DONE))
    assert said == [Usage(input=7), Delta("a"), Delta("b"), End(), COUNTED]
    said, refused = await outcome(stream(usage(7, 0), ending="cut"))
    assert said == [Usage(input=7)]
    assert refused is not None
    assert refused.retryable


NO_COUNTS = (
    b"null", b"3", b"[]", b"{}", b'{"prompt_tokens": 7}',
    b'{"prompt_tokens": -1, "completion_tokens": 3}',
    b'{"prompt_tokens": "7", "completion_tokens": 3}',
    b'{"prompt_tokens": 7.5, "completion_tokens": 3}',
)  # fmt: skip


@pytest.mark.parametrize("count", NO_COUNTS)
async def test_a_count_that_says_nothing_is_none(count: bytes) -> None:
    last = b'data: {"choices": [], "usage": ' + count + b"}\n\n"
    assert await outcome(stream(frame("a", "stop"), last, DONE)) == ([Delta("a"), End()], None)


@pytest.mark.parametrize("status", ["400 Bad Request", "422 Unprocessable Entity"])
async def test_a_server_that_takes_no_wish_to_count_is_asked_without_it(status: str) -> None:
    def picky(body: dict[str, Any]) -> Answer:
        asked = "stream_options" in body
        return stream(status=status) if asked else stream(frame("a", "stop"), DONE)

    async with model(picky) as (llm, server):
        for _ in range(2):
            assert [piece async for piece in llm.reply(request())] == [Delta("a"), End()]
    wishes = ["stream_options" in body for body in server.bodies]
    assert wishes == [True, False, False], "asked once more, and not any more"


async def test_a_request_that_is_refused_either_way_is_refused_and_the_wish_stays() -> None:
    async with model(stream(status="400 Bad Request")) as (llm, server):
        for _ in range(2):
            with pytest.raises(ModelRefused, match="HTTP 400"):
                await anext(llm.reply(request()))
    wishes = ["stream_options" in body for body in server.bodies]
    assert wishes == [True, False] * 2
