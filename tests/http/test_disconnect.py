"""Streams whose reader goes away, or whose source fails."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
from structlog.testing import LogCapture

from tests.http.site import API, Site, made
from twosigma.adapters.http.app import create_app
from twosigma.adapters.http.reply import Streamed
from twosigma.testing import Pause, events_of


class Canary(Exception):
    """A defect."""


async def test_a_client_that_leaves_ends_the_reading_and_not_the_turn(site: Site) -> None:
    session_id = await site.session(site.student)
    site.world.llm.say("One ", Pause(10), "two.")
    path = f"{API}/chat/sessions/{session_id}/greeting"
    sent: list[dict[str, Any]] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "server": ("testserver", 80), "client": ("127.0.0.1", 1),
        "headers": [(b"authorization", f"Bearer {site.student.token}".encode())],
    }  # fmt: skip
    app: Any = site.client._transport.app  # type: ignore[attr-defined]  # httpx keeps it
    reading = asyncio.create_task(app(scope, receive, send))
    await site.world.clock.advance(1)
    gone.set()
    await reading
    assert b"".join(one.get("body", b"") for one in sent) == (
        b'data: {"content": "One ", "done": false}\n\n'
    )
    await site.world.clock.advance(10)
    session = made(await site.student.get(f"/chat/sessions/{session_id}"))
    assert session["last_turn"]["status"] == "completed"
    assert session["messages"][1]["content"] == "One two."


async def test_a_stream_that_fails_is_cut_and_logged(log: LogCapture) -> None:
    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"data: {}\n\n"
        raise Canary

    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {}
    await Streamed(200, (), pieces())(scope, receive, send)
    assert [one["type"] for one in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"]
    assert [line["error"] for line in log.entries] == ["Canary"]


async def test_an_application_that_does_not_run_refuses_turns(site: Site) -> None:
    """A server that runs no lifespan answers, but starts no turn."""
    app = create_app(site.world.core)
    await site.world.core.stop_taking_turns()
    session_id = await site.session(site.student)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.post(
            f"{API}/chat/sessions/{session_id}/greeting",
            headers={"Authorization": f"Bearer {site.student.token}"},
        )
    assert answer.status_code == 503
    assert events_of(answer.content) == []
