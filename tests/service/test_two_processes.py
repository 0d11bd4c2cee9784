"""Two processes over one database: safe, though flights are not shared between them yet."""

import asyncio
from collections import Counter

import httpx

from tests.app.invariants import Witness
from tests.completions_server import serving as model_serving
from tests.service.lecture import Lecture, Seat, client_of
from tests.service.test_lecture import SLOW, WHOLE, settings_for


async def test_f127_a_herd_over_two_processes_costs_a_call_each_at_most(lecture: Lecture) -> None:
    async with model_serving(WHOLE) as model:
        chosen = settings_for(model)
        with lecture.serve(chosen) as one, lecture.serve(chosen) as two:
            async with client_of(one) as here, client_of(two) as there:
                seats = await lecture.seats(here, 20)
                for seat in seats[::2]:
                    seat.client = there
                streams = await asyncio.gather(*(seat.greet() for seat in seats))
                assert len(model.bodies) <= 2
                assert all(events[-1]["message_id"] for events in streams)
                answer = {"questionId": 1, "answer": "B"}
                await asyncio.gather(*(seat.send(answer) for seat in seats))
                # The model says the same each time: a lost race loses nothing.
                states = Counter([(await seat.get())["cache_state"] for seat in seats])
                assert states == {"TRACKING": 20}
    await Witness(lecture.store).look(lecture.sessions)


async def test_f127_one_turn_at_a_time_holds_across_processes(lecture: Lecture) -> None:
    async with model_serving(SLOW) as model:
        chosen = settings_for(model)
        with lecture.serve(chosen) as one, lecture.serve(chosen) as two:
            async with client_of(one) as here, client_of(two) as there:
                seat = await lecture.seat(here, lecture.learners[0])
                other = Seat(there, seat.headers, seat.session_id)
                asking = asyncio.ensure_future(seat.send("Why?"))
                await asyncio.sleep(0.5)
                busy = await other.post("messages", {"content": "How?"})
                assert (busy.status_code, busy.headers["x-error-code"]) == (400, "session_busy")
                await _read_along(other)
                await asking
                assert len(model.bodies) == 1
                messages = (await other.get())["messages"]
                assert isinstance(messages, list)
                assert len(messages) == 2


async def _read_along(seat: Seat) -> None:
    """The other process's turn, read through this one."""
    path = f"/api/v1/chat/sessions/{seat.session_id}/stream"
    answer: httpx.Response = await seat.client.get(path, headers=seat.headers)
    assert answer.status_code == 200
    assert answer.text.count("data: ") == 21
