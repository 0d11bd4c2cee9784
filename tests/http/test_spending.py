"""The day's budget over HTTP, and who is told what a reply cost."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.http.conftest import Installation, running
from tests.http.site import Site, greet, made
from twosigma.adapters.http.app import create_app
from twosigma.app.policy import Policy
from twosigma.domain.llm import Usage
from twosigma.domain.spending import Budgets
from twosigma.testing import Ended, in_memory

COST = Usage(input=40_961, output=40_973)


@pytest.fixture
async def budgeted() -> AsyncIterator[Installation]:
    """A service where an account has a token a day."""
    policy = Policy(daily_tokens=Budgets(learner=1))
    async with in_memory(running=False, policy=policy) as world:
        app = create_app(world.core)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with running(app), httpx.AsyncClient(transport=transport, base_url="http://t") as c:
            yield Installation(world, c)


async def test_a_spent_day_is_429_and_leaves_nothing(budgeted: Installation) -> None:
    course = await budgeted.world.course()
    caller = await budgeted.caller(await budgeted.world.learner(course))
    session_id = made(await caller.post("/chat/sessions", {"content_item_id": course.items[0]}))[
        "id"
    ]
    path = f"/chat/sessions/{session_id}"
    first = await greet(caller, session_id)
    before = made(await caller.get(path))
    refused = await caller.post(f"{path}/messages", {"content": "Why?"})
    assert (refused.status_code, refused.json()) == (429, {"detail": "Daily AI limit reached"})
    assert refused.headers["x-error-code"] == "daily_limit_reached"
    assert refused.headers["retry-after"] == "43200"
    assert made(await caller.get(path)) == before
    assert await greet(caller, session_id) == first, "what is stored is free"


async def test_no_learners_answer_tells_what_made_a_reply_or_what_it_cost(site: Site) -> None:
    made(
        await site.instructor.ask(
            "PUT", f"/courses/{site.ids['course_id']}", json={"llm_model": "canary-model"}
        )
    )
    site.world.llm.say("Welcome!", Ended("end_turn"), COST)
    session_id = await site.session(site.student)
    path = f"/chat/sessions/{session_id}"
    body = await greet(site.student, session_id)
    shared = made(await site.student.post(f"{path}/share", {}))
    answers = [
        await site.student.get(path), await site.student.get(f"{path}/messages"),
        await site.student.get("/chat/sessions"), await site.client.get(shared["share_url"]),
        await site.student.get(f"{path}/stream?after=0"),
    ]  # fmt: skip
    export = made(await site.student.get("/users/me/export"))
    day = {"day": "2026-01-05", "input": COST.input, "output": COST.output}
    assert export.pop("tokens_spent") == [day], "the day's sum is its own"
    texts = [body.decode(), str(export), *(answer.text for answer in answers)]
    for word in ("canary-model", "40961", "40973", "tokens", "prompt_version", "prompt_name"):
        assert [text for text in texts if word in text] == []
    view = made(await site.admin.get(f"/admin{path}?reason=To%20see"))
    meta = view["messages"][1]["meta"]
    assert meta["tokens"] == {"input": COST.input, "output": COST.output}
    assert meta["model"] == "canary-model"
    assert {"prompt_name", "prompt_version"} <= meta.keys()
