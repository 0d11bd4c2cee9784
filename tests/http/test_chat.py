"""Chat over HTTP: sessions, turns, streams, shares."""

import asyncio

import pytest

from tests.http.site import Site, faults, greet, made
from twosigma.domain.replies import chunk_event
from twosigma.testing import Broken, Pause, Refused, events_of

ANSWER = {"questionId": 1, "answer": "B"}


async def test_a_session_has_the_fields_of_the_reference(site: Site) -> None:
    answer = await site.student.post("/chat/sessions", {"content_item_id": site.ids["content_id"]})
    assert answer.status_code == 201
    session = answer.json()
    assert session == {
        "id": session["id"],
        "user_id": site.student.id,
        "content_item_id": site.ids["content_id"],
        "content_context": {
            "course_id": site.ids["course_id"],
            "course_title": "Algebra",
            "module_id": site.ids["module_id"],
            "module_title": "Unit",
            "module_path": ["Unit"],
            "content_item_id": site.ids["content_id"],
            "content_title": "Sums",
            "description": "",
            "content_type": "quiz",
            "locale": "en",
        },
        "share_enabled": False,
        "share_token": None,
        "cache_node_id": None,
        "cache_state": "TRACKING",
        "created_at": "2026-01-05T12:00:00Z",
        "updated_at": "2026-01-05T12:00:00Z",
        "title": "Sums",
        "message_count": 0,
        "last_turn": None,
    }
    listed = await site.student.get("/chat/sessions")
    assert (listed.json(), listed.headers["x-total-count"]) == ([session], "1")
    one = made(await site.student.get(f"/chat/sessions/{session['id']}"))
    assert one == session | {"messages": []}
    assert (await site.student.get("/chat/sessions?content_item_id=999")).json() == []


async def test_the_events_are_exactly_those_of_the_reference(site: Site) -> None:
    site.world.llm.say("Here is ", "the explanation...")
    session_id = await site.session(site.student)
    body = await greet(site.student, session_id)
    messages = (await site.student.get(f"/chat/sessions/{session_id}/messages")).json()
    assert body == (
        b'data: {"content": "Here is ", "done": false}\n\n'
        b'data: {"content": "the explanation...", "done": false}\n\n'
        b'data: {"content": "", "done": true, "message_id": %d}\n\n' % messages[1]["id"]
    )


async def test_a_cached_turn_has_the_models_bytes_but_for_the_message_id(site: Site) -> None:
    made(await site.other.post("/enrollments/", {"course_offering_id": site.ids["offering_id"]}))
    site.world.llm.say("Welcome — ", "was ist 2 + 2? ✓")
    site.world.llm.say("Right: ", "it is 4.")
    bodies = []
    for caller in (site.student, site.other):
        session_id = await site.session(caller)
        first = await greet(caller, session_id)
        answer = await caller.post(f"/chat/sessions/{session_id}/messages", {"content": ANSWER})
        assert answer.status_code == 200
        bodies.append((first, answer.content))
        messages = (await caller.get(f"/chat/sessions/{session_id}/messages")).json()
        source = [one["meta"].get("source") for one in messages if one["role"] == "assistant"]
        assert source == (["llm"] * 2 if caller is site.student else ["cache"] * 2)
    for model, cached in zip(*bodies, strict=True):
        head, _, tail = model.rpartition(b'"message_id": ')
        other_head, _, other_tail = cached.rpartition(b'"message_id": ')
        assert head == other_head
        assert tail != other_tail
    assert len(site.world.llm.requests) == 2


async def test_f124_the_headers_of_a_stream(site: Site) -> None:
    session_id = await site.session(site.student)
    made_up = await site.student.ask("POST", f"/chat/sessions/{session_id}/greeting")
    replayed = await site.student.ask("POST", f"/chat/sessions/{session_id}/greeting")
    for answer in (made_up, replayed):
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["turn-id"] == made_up.headers["turn-id"]
    assert int(replayed.headers["content-length"]) == len(replayed.content)


async def test_a_session_tells_its_messages_and_its_last_turn(site: Site) -> None:
    session_id = await site.session(site.student)
    site.world.llm.say("Hello.")
    answer = await site.student.ask("POST", f"/chat/sessions/{session_id}/greeting")
    session = made(await site.student.get(f"/chat/sessions/{session_id}"))
    first, second = session["messages"]
    assert first.keys() == second.keys() == {"id", "role", "content", "meta", "created_at"}
    assert (first["role"], first["content"]) == ("user", "Start.")
    assert (second["role"], second["content"]) == ("assistant", "Hello.")
    assert session["last_turn"] == {
        "id": answer.headers["turn-id"],
        "status": "completed",
        "content": "Start.",
        "started_at": "2026-01-05T12:00:00Z",
        "detail": None,
    }
    assert session["cache_node_id"] is not None
    page = await site.student.get(f"/chat/sessions/{session_id}/messages?skip=1&limit=1")
    assert (page.json(), page.headers["x-total-count"]) == ([second], "2")


async def test_a_model_that_refuses_is_503_and_leaves_nothing(site: Site) -> None:
    session_id = await site.session(site.student)
    for line in (Refused(), Broken()):
        site.world.llm.say(line)
        answer = await site.student.ask("POST", f"/chat/sessions/{session_id}/greeting")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["x-error-code"] == "unavailable"
        assert answer.json().keys() == {"detail"}
    session = made(await site.student.get(f"/chat/sessions/{session_id}"))
    assert (session["message_count"], session["last_turn"]["status"]) == (0, "failed")


async def test_a_reply_that_breaks_off_ends_with_an_error_event(site: Site) -> None:
    session_id = await site.session(site.student)
    site.world.llm.say("Half of ", Refused())
    events = events_of(await greet(site.student, session_id))
    assert events[0] == {"content": "Half of ", "done": False}
    assert events[-1].keys() == {"content", "done", "message_id", "detail"}
    assert (events[-1]["done"], events[-1]["message_id"]) == (True, None)


async def running_turn(site: Site, session_id: int) -> asyncio.Task[bytes]:
    """A greeting that has said a word and goes on in ten seconds."""
    site.world.llm.say("One ", Pause(10), "two.")
    task = asyncio.create_task(greet(site.student, session_id))
    await site.world.clock.advance(1)
    return task


async def test_a_second_message_meanwhile_is_400(site: Site) -> None:
    session_id = await site.session(site.student)
    task = await running_turn(site, session_id)
    answer = await site.student.post(
        f"/chat/sessions/{session_id}/messages", {"content": "And now?"}
    )
    assert (answer.status_code, answer.json()) == (
        400, {"detail": "This session is still answering"},
    )  # fmt: skip
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["x-error-code"] == "session_busy"
    await site.world.clock.advance(10)
    assert "".join(str(one["content"]) for one in events_of(await task)) == "One two."


async def test_following_gives_each_event_once(site: Site) -> None:
    session_id = await site.session(site.student)
    path = f"/chat/sessions/{session_id}/stream"
    assert (await site.student.get(path)).status_code == 204
    task = await running_turn(site, session_id)
    following = asyncio.create_task(site.student.get(path, params={"after": 1}))
    await site.world.clock.advance(10)
    whole, rest = await task, await following
    assert chunk_event("One ") + rest.content == whole
    turn_id = rest.headers["turn-id"]
    for after in range(4):
        again = await site.student.get(path, params={"turn": turn_id, "after": after})
        assert again.status_code == (200 if after < 3 else 204)
        assert len(events_of(again.content)) == 3 - after
    for unknown in ("nobody", "x" * 64):
        answer = await site.student.get(path, params={"turn": unknown})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Turn not found"})
    bad = await site.student.get(path, params={"turn": "x" * 65, "after": -1})
    assert [loc[1] for loc, _ in faults(bad)] == ["turn", "after"]


async def test_a_stopped_turn_leaves_nothing(site: Site) -> None:
    session_id = await site.session(site.student)
    path = f"/chat/sessions/{session_id}/turn"
    nothing = await site.student.ask("DELETE", path)
    assert (nothing.status_code, nothing.json()) == (404, {"detail": "No turn is running"})
    task = await running_turn(site, session_id)
    stopped = await site.student.ask("DELETE", path)
    assert (stopped.status_code, stopped.content) == (204, b"")
    assert events_of(await task)[-1]["message_id"] is None
    session = made(await site.student.get(f"/chat/sessions/{session_id}"))
    assert (session["message_count"], session["last_turn"]["status"]) == (0, "stopped")


async def test_an_idempotency_key_replays_its_turn(site: Site) -> None:
    session_id = await site.session(site.student)
    path, key = f"/chat/sessions/{session_id}/messages", {"Idempotency-Key": "k1"}
    first = await site.student.post(path, {"content": "Why?"}, headers=key)
    again = await site.student.post(path, {"content": "Why?"}, headers=key)
    assert (first.status_code, first.content) == (200, again.content)
    other = await site.student.post(path, {"content": "How?"}, headers=key)
    assert (other.status_code, other.headers["x-error-code"]) == (400, "idempotency_key_reused")
    long = await site.student.post(
        path, {"content": "Why?"}, headers={"Idempotency-Key": "k" * 129}
    )
    assert faults(long) == [(("header", "Idempotency-Key"), "value_error.any_str.max_length")]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("", "value_error.any_str.min_length"), (" \n", "value_error.any_str.min_length"),
        ("x" * 8001, "value_error.any_str.max_length"), (7, "type_error.str"),
        (["a"], "type_error.str"), (None, "type_error.none.not_allowed"),
        ({"a": "x" * 8000}, "value_error.any_str.max_length"), ({"a": "\x00"}, "value_error"),
    ],
)  # fmt: skip
async def test_content_that_is_no_message_is_422(site: Site, content: object, kind: str) -> None:
    session_id = await site.session(site.student)
    answer = await site.student.post(f"/chat/sessions/{session_id}/messages", {"content": content})
    assert faults(answer) == [(("body", "content"), kind)]


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        (b'{"answer": "B", "questionId": 1}', "TRACKING"),
        (b'  {"questionId":1,"answer":"B"}', "TRACKING"),
        (b'{"questionId":9,"questionId":1,"answer":"B"}', "TRACKING"),
        (b'{"questionId":1}', "DIVERGED"), (b'{"questionId":1.0,"answer":"B"}', "DIVERGED"),
        (b'{"questionId":1,"answer":"B","x":1}', "DIVERGED"), (b'"start."', "DIVERGED"),
        (b'{"type":"followup","text":"Why?"}', "DIVERGED"), (b'"Start. "', "TRACKING"),
        (b'"{\\"questionId\\": 1, \\"answer\\": \\"B\\"}"', "TRACKING"),
        (b'{"a":' + b"1" * 300 + b"}", "DIVERGED"),
    ],
)  # fmt: skip
async def test_f24_only_exact_forms_stay_on_the_path(site: Site, raw: bytes, state: str) -> None:
    session_id = await site.session(site.student)
    await greet(site.student, session_id)
    answer = await site.student.ask(
        "POST", f"/chat/sessions/{session_id}/messages", content=b'{"content":' + raw + b"}"
    )
    assert answer.status_code == 200, answer.text
    session = made(await site.student.get(f"/chat/sessions/{session_id}"))
    assert session["cache_state"] == state


async def test_past_the_router_or_through_it_the_answer_is_the_same(site: Site) -> None:
    session_id = await site.session(site.student)
    site.world.llm.say("Hello.")
    first = await greet(site.student, session_id)
    path = f"/chat/sessions/{session_id}/greeting"
    assert (await site.student.ask("POST", f"{path}/")).content == first
    assert (await site.student.ask("POST", "/chat/sessions/1/2/greeting")).status_code == 404
    assert (await site.student.ask("PUT", path)).headers["allow"] == "OPTIONS, POST"
    assert (await site.student.ask("POST", "/chat/sessions/x/greeting")).status_code == 422
