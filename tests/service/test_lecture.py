"""The main job over real HTTP, with a real process and a model whose calls are counted."""

import asyncio
import json

import httpx
import pytest

from tests.app.invariants import Witness
from tests.completions_server import DONE, Answer, CompletionsServer, frame
from tests.completions_server import serving as model_serving
from tests.service.lecture import Lecture, Seat, client_of, until

WORDS = tuple(frame(word) for word in ("Wel", "come ", "to ", "the ", "lesson."))
WHOLE = Answer((*WORDS, frame(finish="stop"), DONE), pause=0.03)
SLOW = Answer((*WORDS * 4, frame(finish="stop"), DONE), pause=0.1)


def settings_for(model: CompletionsServer, **more: str) -> dict[str, str]:
    return {"LLM": "openai", "MODEL": "m", "OPENAI_BASE_URL": model.url, **more}


async def test_twenty_learners_cost_one_call_and_a_change_costs_one_more(lecture: Lecture) -> None:
    async with model_serving(WHOLE) as model:
        with lecture.serve(settings_for(model)) as server:
            async with client_of(server) as client:
                seats = await lecture.seats(client, 20)
                streams = await asyncio.gather(*(seat.greet() for seat in seats))
                assert len(model.bodies) == 1
                assert len({json.dumps(events[:-1]) for events in streams}) == 1
                assert len({events[-1]["message_id"] for events in streams}) == 20
                sources = sorted([(await seat.sources())[0] for seat in seats])
                assert sources == ["cache"] * 19 + ["llm"]
                await _a_free_message_diverges_that_session_only(model, seats)
                await _a_published_prompt_costs_one_more_call(lecture, model, client)
                await _without_the_cache_each_turn_calls(lecture, model, client)


async def _a_free_message_diverges_that_session_only(
    model: CompletionsServer, seats: list[Seat]
) -> None:
    calls = len(model.bodies)
    await seats[0].send("Why does this work?")
    assert len(model.bodies) == calls + 1
    answer = {"questionId": 1, "answer": "B"}
    await asyncio.gather(*(seat.send(answer) for seat in seats))
    assert len(model.bodies) == calls + 3, "one for the diverged session, one for all others"
    states = [(await seat.get())["cache_state"] for seat in seats]
    assert states == ["DIVERGED"] + ["TRACKING"] * 19


async def _a_published_prompt_costs_one_more_call(
    lecture: Lecture, model: CompletionsServer, client: httpx.AsyncClient
) -> None:
    text = "Another voice for {{title}}."
    body = {"name": "Tutor/Quiz", "prompt": text, "labels": ["production"]}
    made = await client.post("/api/v1/prompts/", json=body, headers=lecture.headers(lecture.admin))
    assert made.status_code == 201, made.text
    calls = len(model.bodies)
    for seat in await lecture.seats(client, 5):
        await seat.greet()
    assert len(model.bodies) == calls + 1
    assert model.bodies[-1]["messages"][0]["content"].startswith("Another voice for Item 1.")


async def _without_the_cache_each_turn_calls(
    lecture: Lecture, model: CompletionsServer, client: httpx.AsyncClient
) -> None:
    path = f"/api/v1/courses/{lecture.course.id}"
    headers = lecture.headers(lecture.admin)
    changed = await client.put(path, json={"cache_enabled": False}, headers=headers)
    assert changed.status_code == 200, changed.text
    calls = len(model.bodies)
    for seat in await lecture.seats(client, 3):
        await seat.greet()
    assert len(model.bodies) == calls + 3


async def test_f88_a_client_that_leaves_in_mid_stream_finds_its_reply(lecture: Lecture) -> None:
    async with model_serving(SLOW) as model:
        with lecture.serve(settings_for(model)) as server:
            async with client_of(server) as client:
                seat, other = await lecture.seats(client, 2)
                path = f"/api/v1/chat/sessions/{seat.session_id}/greeting"
                async with client.stream("POST", path, headers=seat.headers) as stream:
                    turn_id = stream.headers["turn-id"]
                    await anext(stream.aiter_raw())

                async def whole() -> bool:
                    return bool((await seat.get())["messages"])

                await until(whole)
                stored = (await seat.get())["messages"]
                assert isinstance(stored, list)
                assert stored[1]["content"] == "Welcome to the lesson." * 4
                again = await client.get(
                    f"/api/v1/chat/sessions/{seat.session_id}/stream",
                    params={"turn": turn_id, "after": 18},
                    headers=seat.headers,
                )
                assert again.text.count("data: ") == 3
                await other.greet()
                assert await other.sources() == ["cache"]
                assert len(model.bodies) == 1


async def _killed_in_mid_turn(lecture: Lecture, moments: list[float]) -> None:
    witness = Witness(lecture.store)
    async with model_serving(SLOW) as model:
        chosen = settings_for(model, LEASE_SECONDS="1")
        for moment in moments:
            with lecture.serve(chosen) as server:
                async with client_of(server) as client:
                    seat = await lecture.seat(client, lecture.learners[0])
                    asking = asyncio.ensure_future(seat.send("Why?"))
                    await asyncio.sleep(moment)
                    server.process.kill()
                    server.process.wait()
                    await asyncio.gather(asking, return_exceptions=True)
            await witness.look(lecture.sessions)
            with lecture.serve(chosen) as server:
                async with client_of(server) as client:
                    after = Seat(client, seat.headers, seat.session_id)
                    await _usable_again(after)
            await witness.look(lecture.sessions)


async def _usable_again(seat: Seat) -> None:
    before = await seat.get()
    assert before["messages"] == [] or len(before["messages"]) == 2  # type: ignore[arg-type]  # a list

    async def takes_messages() -> bool:
        answer = await seat.post("messages", {"content": "Once more"})
        assert answer.status_code in {200, 400}, answer.text
        return answer.status_code == 200

    await until(takes_messages)
    session = await seat.get()
    last = session["last_turn"]
    assert isinstance(last, dict)
    assert (last["status"], last["content"]) == ("completed", "Once more")


async def test_f100_killed_in_mid_turn_nothing_half_written_is_shown(lecture: Lecture) -> None:
    await _killed_in_mid_turn(lecture, [0.05, 0.6])


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_f100_killed_at_two_hundred_moments(lecture: Lecture) -> None:
    await _killed_in_mid_turn(lecture, [at * 0.012 for at in range(200)])
