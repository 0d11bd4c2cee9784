"""What every exchange has: headers, ids, limits, one log line, and no secret in any of them."""

import asyncio
import logging
from collections.abc import AsyncGenerator

import pytest
from structlog.testing import LogCapture

from tests.http.conftest import Installation
from tests.http.site import API, Site, made
from twosigma.adapters.http.settings import HttpSettings
from twosigma.domain.errors import Unavailable

PUBLIC = ["/", "/health/live", "/docs", "/redoc", "/openapi.json"]


CANARIES = ["hunter2-canary-password", "canary-message-text", "canary-query", "canary@example.com"]


async def test_f120_no_secret_reaches_the_log(
    site: Site,
    log: LogCapture,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "httpx")  # the client's own log, which names its requests
    password, text, query, email = CANARIES
    form = {"email": email, "password": password, "full_name": "C"}
    tokens = made(await site.client.post(f"{API}/auth/register", json=form))
    await site.client.post(f"{API}/auth/login", json={"email": email, "password": password + "x"})
    await site.client.post(f"{API}/auth/register", json=form | {"full_name": 7})
    await site.client.get(f"{API}/courses/?q={query}&access_token={tokens['access_token']}")
    session_id = await site.session(site.student)
    await site.student.post(f"/chat/sessions/{session_id}/messages", {"content": text})
    shared = made(await site.student.post(f"/chat/sessions/{session_id}/share", {}))
    await site.client.get(shared["share_url"])
    await site.client.get(f"{API}/{query}")
    printed = capsys.readouterr()
    everything = f"{log.entries}{caplog.text}{printed.out}{printed.err}"
    assert "/api/v1/chat/share/{share_token}" in everything
    for secret in (*CANARIES, shared["share_token"], *tokens.values(), site.student.token):
        if secret != "bearer":
            assert secret not in everything


async def test_one_line_a_request(installation: Installation, log: LogCapture) -> None:
    await installation.client.get(f"{API}/courses/17?q=x", headers={"X-Request-ID": "r-1"})
    await installation.client.get("/nowhere")
    first, second = log.entries
    assert first.pop("ms") >= 0
    assert first == {
        "event": "request",
        "log_level": "info",
        "route": "/api/v1/courses/{course_id}",
        "method": "GET",
        "status": 404,
        "request_id": "r-1",
    }
    assert (second["route"], second["status"]) == ("(none)", 404)


async def test_a_quiet_service_logs_no_requests(
    installation: Installation, log: LogCapture
) -> None:
    logging.getLogger("twosigma.http").setLevel(logging.WARNING)
    await installation.client.get("/health/live")
    assert log.entries == []


class Canary(Exception):
    """A defect whose text holds what was sent."""


async def test_f121_a_defect_is_500_with_one_line_and_no_text(
    installation: Installation, log: LogCapture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "-".join(["hunter", "2"])

    async def fail(*_: object) -> None:
        raise Canary(secret)

    monkeypatch.setattr(installation.world.core.catalog, "course", fail)
    answer = await installation.client.get(
        f"{API}/courses/1", headers={"X-Request-ID": "r-2", "Origin": "https://elsewhere"}
    )
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal server error"})
    assert answer.headers["x-error-code"] == "internal_error"
    assert answer.headers["x-request-id"] == "r-2"
    errors = [line for line in log.entries if line["log_level"] == "error"]
    assert len(errors) == 1
    assert (errors[0]["error"], errors[0]["request_id"]) == ("Canary", "r-2")
    assert "in fail" in errors[0]["stack"]
    assert secret not in f"{log.entries}"


async def test_a_store_that_is_away_is_503(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise Unavailable("The database cannot be reached", retry_after=7)

    monkeypatch.setattr(installation.world.ports.store, "require_ready", away)
    answer = await installation.client.get("/health/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert (await installation.client.get("/health/live")).status_code == 200


async def test_f123_security_headers_are_on_every_answer(site: Site) -> None:
    session_id = await site.session(site.student)
    answers = [
        await site.client.get(f"{API}/nowhere"), await site.client.get(f"{API}/users/me"),
        await site.client.delete(f"{API}/users/me"), await site.student.get("/users/me"),
        await site.client.get(f"{API}/courses/0"), await site.client.options(f"{API}/courses/"),
        await site.client.post(f"{API}/auth/login", content=b"x" * 2**21),
        await site.student.ask("POST", f"/chat/sessions/{session_id}/greeting"),
        await site.client.get("/%2F"), *[await site.client.get(path) for path in PUBLIC],
    ]  # fmt: skip
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "strict-transport-security" not in answer.headers
        assert answer.headers["x-request-id"]
    assert (await site.student.get("/users/me")).headers["cache-control"] == "no-store"
    assert (await site.client.get(f"{API}/users/me")).headers["cache-control"] == "no-store"
    behind_tls = await site.client.get("https://testserver/health/live")
    assert behind_tls.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("a-Z_9", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("a b", False),
     ("a\r\nSet-Cookie: x", False), ("é", False), ("a;b", False)],
)  # fmt: skip
async def test_f21_a_request_id_is_kept_only_if_it_is_harmless(
    installation: Installation, given: str, is_kept: bool
) -> None:
    answer = await installation.client.get(
        "/health/live", headers=[(b"x-request-id", given.encode())]
    )
    assert (answer.headers["x-request-id"] == given) is is_kept


class TestOrigins:
    @pytest.fixture
    async def settings(self) -> HttpSettings:
        return HttpSettings(cors_origins=("https://app.example",))

    @pytest.mark.parametrize(
        ("origin", "is_listed"),
        [("https://app.example", True), ("https://evil.example", False), ("null", False),
         ("https://app.example.evil", False)],
    )  # fmt: skip
    async def test_f122_only_listed_origins_are_answered(
        self, installation: Installation, origin: str, is_listed: bool
    ) -> None:
        client = installation.client
        for method, path in (
            ("GET", "/health/live"), ("GET", f"{API}/users/me"), ("GET", "/nowhere"),
            ("DELETE", f"{API}/users/me"), ("GET", f"{API}/courses/0"),
        ):  # fmt: skip
            answer = await client.request(method, path, headers={"Origin": origin})
            allowed = answer.headers.get("access-control-allow-origin")
            assert allowed == (origin if is_listed else None)
            assert "Origin" in answer.headers["vary"]
            assert "access-control-allow-credentials" not in answer.headers

    async def test_f122_a_crash_has_the_header_too(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch, log: LogCapture
    ) -> None:
        async def fail(*_: object) -> None:
            raise Canary

        monkeypatch.setattr(installation.world.core.catalog, "course", fail)
        answer = await installation.client.get(
            f"{API}/courses/1", headers={"Origin": "https://app.example"}
        )
        assert answer.status_code == 500
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert log.entries

    async def test_f122_a_preflight_is_answered(self, installation: Installation) -> None:
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        answer = await installation.client.options(f"{API}/auth/login", headers=asked)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        other = await installation.client.options(
            f"{API}/auth/login", headers=asked | {"Origin": "https://evil.example"}
        )
        assert not [name for name in other.headers if name.startswith("access-control")]


async def test_f122_without_listed_origins_nothing_is_said(installation: Installation) -> None:
    answer = await installation.client.get("/health/live", headers={"Origin": "https://a.example"})
    assert "vary" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


class TestSlowBodies:
    @pytest.fixture
    async def settings(self) -> HttpSettings:
        return HttpSettings(max_body_seconds=0.05)

    async def test_a_body_that_does_not_come_is_408(self, installation: Installation) -> None:
        async def slow() -> AsyncGenerator[bytes, None]:
            yield b'{"email":'
            await asyncio.sleep(0.5)
            yield b'"a@example.com"}'

        answer = await installation.client.post(f"{API}/auth/check-email", content=slow())
        assert (answer.status_code, answer.json()) == (
            408, {"detail": "The body did not come in time"},
        )  # fmt: skip
        assert answer.headers["x-error-code"] == "body_too_slow"


async def test_a_wrong_content_length_is_413_or_refused(installation: Installation) -> None:
    for length in ("1048577", "9" * 40, "-1", "1e3"):
        answer = await installation.client.post(
            f"{API}/auth/check-email", content=b"{}", headers={"Content-Length": length}
        )
        assert answer.status_code == 413
    assert (await installation.client.get("/health/live")).status_code == 200
