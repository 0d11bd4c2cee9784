"""Chat: tutoring sessions, their streams and their public links."""

import pytest

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import made
from twosigma.testing import events_of

NEW_SESSION = """
{
  "content_item_id": 1
}
"""
SESSION = """
{
  "id": 1,
  "user_id": 1,
  "content_item_id": 1,
  "content_context": {...},
  "share_enabled": false,
  "share_token": null,
  "cache_node_id": null,
  "cache_state": "TRACKING",
  "created_at": "2026-02-25T00:00:00Z",
  "updated_at": "2026-02-25T00:00:00Z"
}
"""
MESSAGE = """
{
  "content": "Explain recursion"
}
"""
EVENTS = """
data: {"content": "Here is ", "done": false}
data: {"content": "the explanation...", "done": false}
data: {"content": "", "done": true, "message_id": 42}
"""
SEND = "POST /chat/sessions/{session_id}/messages"
GREET = "POST /chat/sessions/{session_id}/greeting"
SHARE = "POST /chat/sessions/{session_id}/share"


@pytest.fixture
async def campus(campus: Campus) -> Campus:
    """The campus of the day on which these examples happened."""
    await campus.on("2026-02-25T00:00:00Z")
    return campus


def stream(message_id: int) -> bytes:
    """The reference's events as bytes: each is followed by a blank line."""
    lines = EVENTS.replace("42", str(message_id)).strip().splitlines()
    return "".join(f"{line}\n\n" for line in lines).encode()


async def test_list_chat_sessions(campus: Campus) -> None:
    shows(await ask(campus.john, "GET /chat/sessions"), "[]")
    await ask(campus.john, "POST /chat/sessions", NEW_SESSION)
    shows(await ask(campus.john, "GET /chat/sessions"), f"[{SESSION}]")
    shows(await ask(campus.jane, "GET /chat/sessions"), "[]")


async def test_create_chat_session(campus: Campus) -> None:
    shows(await ask(campus.john, "POST /chat/sessions", NEW_SESSION), SESSION, 201)
    missing = NEW_SESSION.replace("1", "999")
    refuses(await ask(campus.john, "POST /chat/sessions", missing), 404)


async def test_get_chat_session(campus: Campus) -> None:
    await ask(campus.john, "POST /chat/sessions", NEW_SESSION)
    path = "GET /chat/sessions/{session_id}"
    shows(await ask(campus.john, path, session_id=1), SESSION)
    refuses(await ask(campus.john, path, session_id=999), 404)
    refuses(await ask(campus.jane, path, session_id=1), 404)


async def test_cache_node_id_is_null_at_the_root_and_a_node_after_the_greeting(
    campus: Campus,
) -> None:
    session_id = await campus.session(campus.john)
    await ask(campus.john, GREET, session_id=session_id)
    path = "GET /chat/sessions/{session_id}"
    session = made(await ask(campus.john, path, session_id=session_id))
    assert isinstance(session["cache_node_id"], int)
    assert session["cache_state"] == "TRACKING"
    await ask(campus.john, SEND, MESSAGE, session_id=session_id)
    session = made(await ask(campus.john, path, session_id=session_id))
    assert session["cache_state"] == "DIVERGED"


async def test_send_message(campus: Campus) -> None:
    campus.world.llm.say("Here is ", "the explanation...")
    session_id = await campus.session(campus.john)
    answer = await ask(campus.john, SEND, MESSAGE, session_id=session_id)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
    path = "GET /chat/sessions/{session_id}"
    asked, told = made(await ask(campus.john, path, session_id=session_id))["messages"]
    assert answer.content == stream(told["id"])
    assert (asked["role"], asked["content"]) == ("user", "Explain recursion")
    assert (told["role"], told["content"]) == ("assistant", "Here is the explanation...")
    assert told["meta"]["source"] == "llm"
    refuses(await ask(campus.john, SEND, MESSAGE, session_id=999), 404)
    refuses(await ask(campus.jane, SEND, MESSAGE, session_id=session_id), 404)


async def test_the_events_are_identical_for_cache_hits_and_model_calls(campus: Campus) -> None:
    campus.world.llm.say("Here is ", "the explanation...")
    for learner, source in ((campus.john, "llm"), (campus.jane, "cache")):
        session_id = await campus.session(learner)
        answer = await ask(learner, GREET, session_id=session_id)
        path = "GET /chat/sessions/{session_id}"
        _, told = made(await ask(learner, path, session_id=session_id))["messages"]
        assert answer.content == stream(told["id"])
        assert told["meta"]["source"] == source


async def test_generate_greeting(campus: Campus) -> None:
    session_id = await campus.session(campus.john)
    answer = await ask(campus.john, GREET, session_id=session_id)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
    path = "GET /chat/sessions/{session_id}"
    sent, told = made(await ask(campus.john, path, session_id=session_id))["messages"]
    assert (sent["role"], sent["content"]) == ("user", "Start.")
    assert events_of(answer.content)[-1]["message_id"] == told["id"]
    refuses(await ask(campus.jane, GREET, session_id=session_id), 404)


async def test_share_session_and_get_shared_session(campus: Campus) -> None:
    campus.world.llm.say("Hello.")
    session_id = await campus.session(campus.john)
    await ask(campus.john, GREET, session_id=session_id)
    refuses(await ask(campus.jane, SHARE, session_id=session_id), 404)
    answer = await ask(campus.john, SHARE, session_id=session_id)
    token = answer.json()["share_token"]
    shows(
        answer,
        """
        {
          "share_token": "abc123def456",
          "share_url": "/api/v1/chat/share/abc123def456"
        }
        """.replace("abc123def456", token),
    )
    path = "GET /chat/sessions/{session_id}"
    session = made(await ask(campus.john, path, session_id=session_id))
    assert (session["share_enabled"], session["share_token"]) == (True, token)
    shared = await ask(campus.client, "GET /chat/share/{share_token}", share_token=token)
    shows(
        shared,
        """
        {
          "messages": [
            {"role": "user", "content": "Start."},
            {"role": "assistant", "content": "Hello."}
          ]
        }
        """,
    )
    assert (await campus.client.get(answer.json()["share_url"])).content == shared.content
    unknown = await ask(campus.client, "GET /chat/share/{share_token}", share_token="abc123def456")
    refuses(unknown, 404)
