"""The model on Bedrock: the real boto3 against a server that answers in every wrong way."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from functools import partial
from itertools import pairwise

import pytest

from tests.adapters.bedrock_model import model, outcome
from tests.bedrock_scenarios import SCENARIOS, TRIED, Scenario
from tests.bedrock_server import START, Answer, event, refuses, replies, speaks, stop, text
from tests.credentials import ACCESS_KEY, AWS, CANARIES, TOKEN
from tests.tutoring import request
from twosigma.adapters.bedrock.threads import BUSY, Threads
from twosigma.domain.credentials import AwsKeys
from twosigma.domain.errors import Unavailable
from twosigma.domain.llm import Delta, End, ModelRefused, Piece, Said, Usage
from twosigma.domain.sealing import Unreadable


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
async def test_f80_f81_f82_f83_f84_f85_what_bedrock_does_is_told_in_the_ports_words(
    scenario: Scenario,
) -> None:
    with model(scenario.answer, read_timeout=scenario.limits.silence) as (llm, server):
        said, refused = await outcome(llm.reply(request()))
    assert tuple(said) == scenario.pieces
    assert (refused.detail if refused else None) == scenario.failure
    if refused is not None and not said:
        assert refused.retryable == (scenario.outcome == TRIED)
    assert len(server.bodies) == (scenario.answer is not None), "botocore tries once"


async def test_the_call_carries_model_parameters_messages_and_credentials() -> None:
    with model(replies("x")) as (llm, server):
        asked = request("Why?", history=(Said(role="assistant", content="Welcome!"),), cut=2)
        assert await outcome(llm.reply(asked)) == ([Delta("x"), End()], None)
    body, head = server.bodies[0], server.heads[0]
    assert server.paths == ["/model/a-model/converse-stream"]
    assert f"Credential={ACCESS_KEY}/" in head["authorization"]
    assert "/us-east-1/bedrock/aws4_request" in head["authorization"]
    assert head["x-amz-security-token"] == TOKEN
    assert body["inferenceConfig"] == {"temperature": 0.25, "maxTokens": 512}
    assert body["messages"] == [
        {"role": "user", "content": [{"text": "Start."}]},
        {"role": "assistant", "content": [{"text": "Welcome!"}]},
        {"role": "user", "content": [{"text": "Why?"}]},
    ]
    assert "2 earlier messages" in body["system"][0]["text"]


def test_parameters_and_model_are_as_they_were_given() -> None:
    with model(replies(), max_tokens=9, temperature=0.5) as (llm, _):
        assert llm.parameters == {"temperature": 0.5, "max_tokens": 9}
        assert (llm.model_id(None), llm.model_id("big")) == ("small", "big")


async def test_stored_credentials_count_from_the_next_call_on() -> None:
    keys = [AWS, AWS, AwsKeys(access_key_id="A" * 16, secret_access_key="b" * 16, region="eu-x-1")]
    given = iter(keys)

    async def stored() -> AwsKeys | None:
        return next(given)

    with model(replies("x"), keys=stored) as (llm, server):
        for _ in keys:
            assert await outcome(llm.reply(request())) == ([Delta("x"), End()], None)
    used = [head["authorization"].partition("Credential=")[2] for head in server.heads]
    assert [one[:4] for one in used] == ["AKIA", "AKIA", "AAAA"]
    assert "/eu-x-1/" in used[2]
    assert "x-amz-security-token" not in server.heads[2]


async def test_f111_unreadable_credentials_are_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 20)

    async def fails(error: Exception) -> AwsKeys | None:
        raise error

    for error, retryable in ((Unreadable(), False), (Unavailable("away"), True)):
        with model(replies("x"), keys=partial(fails, error)) as (llm, server):
            said, refused = await outcome(llm.reply(request()))
        assert (said, server.bodies) == ([], [])
        assert refused is not None
        assert refused.retryable is retryable


async def test_what_the_call_took_comes_after_the_end() -> None:
    with model(replies("a")) as (llm, _):
        said = [piece async for piece in llm.reply(request())]
    assert said == [Delta("a"), End(), Usage(input=3, output=2)]


@pytest.mark.parametrize(
    "count",
    [{}, {"usage": None}, {"usage": {"inputTokens": 3}}, {"usage": {"inputTokens": -3}},
     {"usage": {"inputTokens": "3", "outputTokens": 2}}],
)  # fmt: skip
async def test_a_count_that_says_nothing_is_none(count: dict[str, object]) -> None:
    with model(speaks(text("a"), stop(), event("metadata", count))) as (llm, _):
        assert [piece async for piece in llm.reply(request())] == [Delta("a"), End()]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
async def test_f92_however_the_network_cuts_the_stream_the_text_is_whole(size: int) -> None:
    said = "naïve «é» 🎉👩‍🔬\r\ndata: "
    data = b"".join((START, text(said), text("𝄞"), stop()))
    blocks = tuple(data[a:b] for a, b in pairwise([*range(0, len(data), size), len(data)]))
    answer = Answer(blocks=blocks, headers=speaks().headers)
    with model(answer) as (llm, _):
        assert await outcome(llm.reply(request())) == ([Delta(said), Delta("𝄞"), End()], None)


async def test_a_reply_comes_piece_by_piece() -> None:
    with model(replies("a", "b")) as (llm, server):
        server.gate.clear()
        reply = llm.reply(request())
        first = asyncio.ensure_future(anext(reply))
        done, _ = await asyncio.wait([first], timeout=0.3)
        assert not done, "held back after the start"
        server.gate.set()
        assert await first == Delta("a")
        assert (await outcome(reply))[0] == [Delta("b"), End()]


@pytest.mark.parametrize(
    ("answer", "has_begun"),
    [
        (Answer(is_mute=True), False),
        (speaks(ending="silence"), False),
        (speaks(text("a"), ending="silence"), True),
        (replies(*"a" * 2_000, pause=0.01), True),
    ],
    ids=["before the head", "before the text", "in mid-reply", "while it drips"],
)
async def test_f88_closing_the_reply_frees_its_thread_at_once(
    answer: Answer, has_begun: bool
) -> None:
    threads = Threads(threads=1, queue=1, wait=10)
    with model(answer, read_timeout=30, threads=threads) as (llm, server):
        reply = llm.reply(request())
        if has_begun:
            assert await anext(reply) == Delta("a")
        else:
            await give_up(reply, server.wait_for)
        began = time.monotonic()
        await reply.aclose()
        server.answer = replies("b")
        assert await outcome(llm.reply(request())) == ([Delta("b"), End()], None)
        assert time.monotonic() - began < 10
        assert await asyncio.to_thread(server.gone.wait, 5)


async def give_up(reply: AsyncGenerator[Piece, None], wait_for: Callable[[int], None]) -> None:
    """Wait for the first piece until the server has been asked, and a little longer."""
    waiting = asyncio.ensure_future(anext(reply))
    await asyncio.to_thread(wait_for, 1)
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_closing_before_the_call_begins_calls_nobody() -> None:
    with model(replies("a")) as (llm, server):
        reply = llm.reply(request())
        await reply.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(reply)
        assert server.bodies == []


async def test_a_reader_that_stands_still_holds_the_thread_back_and_loses_nothing() -> None:
    with model(replies(*"abcde" * 100)) as (llm, _):
        reply = llm.reply(request())
        assert await anext(reply) == Delta("a")
        await asyncio.sleep(0.2)
        said, refused = await outcome(reply)
    assert refused is None
    assert "".join(piece.text for piece in said if isinstance(piece, Delta)) == ("abcde" * 100)[1:]


async def test_f87_of_64_at_once_16_run_32_wait_and_the_rest_are_refused() -> None:
    with model(replies("a")) as (llm, server):
        server.gate.clear()
        lags: list[float] = []
        watching = asyncio.ensure_future(note_lags_of_the_loop(lags))
        asked = [asyncio.ensure_future(outcome(llm.reply(request()))) for _ in range(64)]
        await asyncio.to_thread(server.wait_for, 16)
        done, waiting = await asyncio.wait(asked, timeout=1)
        assert [is_busy(*one.result()) for one in done] == [True] * 16
        assert (len(waiting), len(server.bodies)) == (48, 16)
        server.gate.set()
        assert [await one for one in waiting] == [([Delta("a"), End()], None)] * 48
        watching.cancel()
    assert server.at_once == 16
    lags.sort()
    assert lags[len(lags) // 2] < 0.05, "the event loop goes on"
    assert lags[len(lags) * 95 // 100] < 0.25


async def note_lags_of_the_loop(lags: list[float]) -> None:
    """How late the loop comes back from each short sleep."""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        await asyncio.sleep(0.005)
        lags.append(loop.time() - began - 0.005)


def is_busy(said: list[Piece], refused: ModelRefused | None) -> bool:
    """Nothing came, and another try does not help."""
    return not said and refused is not None and refused.detail == BUSY and not refused.retryable


async def test_f87_who_waits_gives_up_after_a_while_and_who_stops_waiting_leaves_no_trace() -> None:
    threads = Threads(threads=1, queue=2, wait=0.3)
    with model(speaks(ending="silence"), threads=threads) as (llm, server):
        first = asyncio.ensure_future(outcome(llm.reply(request())))
        await asyncio.to_thread(server.wait_for, 1)
        patient, hasty = (asyncio.ensure_future(outcome(llm.reply(request()))) for _ in range(2))
        await asyncio.sleep(0.05)
        hasty.cancel()
        assert is_busy(*await patient)
        assert len(server.bodies) == 1
        first.cancel()
        await asyncio.wait([first, hasty])
        server.answer = replies("b")
        assert await outcome(llm.reply(request())) == ([Delta("b"), End()], None)


async def test_f81_neither_keys_nor_the_services_words_are_in_what_is_raised_or_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    told = []
    for answer in (refuses("AccessDeniedException", 403), refuses("Odd words; " + TOKEN, 403)):
        with model(answer) as (llm, _):
            _, refused = await outcome(llm.reply(request()))
        told.append(repr(refused))
    assert told == ["ModelRefused('AccessDeniedException')", "ModelRefused('HTTP403')"]
    own = [record.getMessage() for record in caplog.records if "twosigma" in record.name]
    assert own == []
    assert all(canary not in repr(AWS) for canary in CANARIES)
