"""What every tutor model keeps to, whatever is behind it."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.adapters.bedrock_model import model
from tests.bedrock_server import replies
from tests.completions_server import DONE, Answer, frame, serving, usage
from tests.tutoring import answer, material, request, verdict
from twosigma.adapters.offline.llm import OfflineLlm
from twosigma.adapters.openai.llm import OpenAiLlm
from twosigma.domain.llm import END_TURN, Delta, End, Piece, Said, TutorRequest, Usage
from twosigma.ports.llm import Llm

WHOLE = Answer(
    blocks=(
        frame(""),
        frame("Let us "),
        frame("begin: \\(x = 4\\)."),
        frame(finish="stop"),
        usage(),
        DONE,
    )
)
GREETED = (Said(role="user", content="Start."), Said(role="assistant", content="Welcome!"))
REQUESTS = {
    "greeting": request(),
    "free text": request("What is a linear equation?", history=GREETED),
    "graded": request(answer(1, "a"), history=GREETED, note=verdict(1, correct=False)),
    "ungraded": request(answer(99, "a"), history=GREETED),
    "cut": request("Go on", history=GREETED + GREETED, cut=12),
    "only the greeting's reply": request("Go on", history=GREETED[1:]),
    "no material": request(about=material(text="", description="", questions=())),
}


SPOKEN = replies("Let us ", "begin: \\(x = 4\\).")


@pytest.fixture(params=["offline", "openai", "bedrock"])
async def llm(request: pytest.FixtureRequest) -> AsyncIterator[Llm]:
    if request.param == "offline":
        yield OfflineLlm()
        return
    if request.param == "bedrock":
        with model(SPOKEN) as (bedrock, _):
            yield bedrock
        return
    async with serving(WHOLE) as server, httpx.AsyncClient(trust_env=False) as client:
        yield OpenAiLlm(base_url=server.url, api_key="", default_model="m", client=client)


async def pieces(llm: Llm, asked: TutorRequest) -> list[Piece]:
    return [piece async for piece in llm.reply(asked)]


async def spoken(llm: Llm, asked: TutorRequest) -> list[Piece]:
    """The reply without its count."""
    return [piece for piece in await pieces(llm, asked) if not isinstance(piece, Usage)]


@pytest.mark.parametrize("asked", REQUESTS.values(), ids=REQUESTS.keys())
async def test_a_whole_reply_is_text_and_then_one_end(llm: Llm, asked: TutorRequest) -> None:
    said = await spoken(llm, asked)
    assert said[-1] == End(END_TURN)
    deltas = [piece for piece in said if isinstance(piece, Delta)]
    assert len(deltas) == len(said) - 1 > 0
    assert all(delta.text for delta in deltas)


async def test_closing_in_mid_reply_is_clean_and_the_next_reply_whole(llm: Llm) -> None:
    reply = llm.reply(request())
    assert isinstance(await anext(reply), Delta)
    await reply.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(reply)
    assert (await spoken(llm, request()))[-1] == End(END_TURN)


async def test_closing_after_the_end_is_clean_and_the_next_reply_whole(llm: Llm) -> None:
    reply = llm.reply(request())
    while not isinstance(await anext(reply), End):
        pass
    await reply.aclose()
    assert (await spoken(llm, request()))[-1] == End(END_TURN)


async def test_what_is_metered_is_counted_after_the_end(llm: Llm) -> None:
    counted = [piece for piece in await pieces(llm, request()) if isinstance(piece, Usage)]
    assert len(counted) == llm.is_metered
    assert all(usage.input > 0 and usage.output > 0 for usage in counted)


async def test_closing_before_the_first_piece_is_clean(llm: Llm) -> None:
    reply = llm.reply(request())
    await reply.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(reply)


async def test_replies_at_once_do_not_mix(llm: Llm) -> None:
    alone = await pieces(llm, request())
    together = await asyncio.gather(*(pieces(llm, request()) for _ in range(4)))
    assert together == [alone] * 4


def test_the_model_id_is_a_function_of_the_wish(llm: Llm) -> None:
    for wish in (None, "some/model"):
        assert llm.model_id(wish) == llm.model_id(wish) != ""
    assert llm.model_id("") == llm.model_id(None)


def test_parameters_are_plain_and_stay_as_they_are(llm: Llm) -> None:
    before = json.dumps(dict(llm.parameters), allow_nan=False)
    assert json.dumps(dict(llm.parameters)) == before
