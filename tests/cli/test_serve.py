"""`twosigma serve` as a process: ready, stopped, killed, refused, without its database."""

import asyncio
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.cli.running import Server, command, serving
from tests.completions_server import Answer, frame
from tests.completions_server import serving as model_serving
from twosigma.adapters.cli.demo import read_passwords

STUDENT = "student@demo.example"
ROLES = ["STUDENT", "STUDENT", "INSTRUCTOR", "PLATFORM_ADMIN"]


def status(server: Server, path: str) -> int:
    return httpx.get(server.url + path).status_code


def tokens(server: Server, var: Path) -> dict[str, str]:
    password = read_passwords(var / "demo-accounts.txt")[STUDENT]
    body = {"email": STUDENT, "password": password}
    answer = httpx.post(f"{server.url}/api/v1/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_it_serves_says_where_and_stops_with_0(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    with serving(settings, tmp_path) as server:
        assert server.lines[-1].endswith(f"{server.url}/docs")
        assert status(server, "/health/live") == status(server, "/health/ready") == 200
        assert server.stop(signal.SIGTERM) == 0
    with serving(settings, tmp_path) as server:
        assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in server.log.read_text()


def test_with_the_demo_it_names_the_accounts_and_loads_nothing_again(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    kept = (demo / "demo-accounts.txt").read_text().splitlines()
    with serving(settings, tmp_path, "--demo") as server:
        assert server.process.stdout is not None
        assert [server.process.stdout.readline().rstrip("\n") for _ in kept] == kept
        assert [line.split()[0] for line in kept] == ROLES
        assert not any("added" in line for line in server.lines)
        assert status(server, "/health/ready") == 200
        assert server.stop() == 0


def test_without_accounts_a_half_loaded_demo_is_made_whole(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    with closing(sqlite3.connect(demo / "twosigma.db")) as half:
        half.executescript("DELETE FROM enrollments; DELETE FROM course_staff; DELETE FROM users;")
    with serving(settings, tmp_path, "--demo") as server:
        headers = tokens(server, demo)
        mine = httpx.get(f"{server.url}/api/v1/enrollments/my-enrollments", headers=headers)
        assert [row["status"] for row in mine.json()] == ["ACTIVE"]
        assert server.stop() == 0


def test_killed_it_starts_again_with_all_it_had(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    with serving(settings, tmp_path) as server:
        signed = tokens(server, demo)
        server.process.kill()
    with serving(settings, tmp_path) as server:
        me = httpx.get(f"{server.url}/api/v1/users/me", headers=signed)
        assert me.json()["email"] == STUDENT
        assert server.stop() == 0


def test_more_workers_are_refused_with_the_reason(settings: dict[str, str]) -> None:
    ended = command(settings, "serve", "--workers", "2")
    assert ended.code == 2
    assert "turns are not shared between processes" in ended.err


def test_an_unmigrated_database_is_refused(settings: dict[str, str], var: Path) -> None:
    for revision in (None, "0001"):
        if revision is not None:
            assert command(settings, "db", "upgrade", "--revision", revision).code == 0
        ended = command(settings, "serve", "--port", "0")
        assert ended.code == 1
        assert ended.err.endswith("run twosigma db upgrade\n")


def test_f106_a_file_that_is_no_database_is_refused(settings: dict[str, str], var: Path) -> None:
    var.mkdir()
    (var / "twosigma.db").write_text("no database\n" * 1_000)
    ended = command(settings, "serve", "--port", "0")
    assert ended.code == 1
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "key"),
    [("127.0.0.1", ""), ("127.0.0.1", "k" * 31), ("0.0.0.0", None)],  # noqa: S104 -- refused
)
def test_f42_it_does_not_start_without_a_good_key(
    demo: Path, settings: dict[str, str], host: str, key: str | None
) -> None:
    chosen = settings | ({} if key is None else {"SECRET_KEY": key})
    ended = command(chosen, "serve", "--host", host, "--port", "0")
    assert ended.code == 2
    assert ended.err.startswith("twosigma: TWOSIGMA_SECRET_KEY ")
    assert ended.out == ""


def test_a_port_that_is_taken_is_told(demo: Path, settings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = command(settings, "serve", "--port", str(port))
    assert ended.code == 1
    assert f"127.0.0.1:{port}" in ended.err
    assert ended.err.count("\n") == 1


def test_f102_without_its_database_it_lives_and_is_not_ready(
    settings: dict[str, str], tmp_path: Path
) -> None:
    away = {**settings, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    with serving(away, tmp_path) as server:
        assert status(server, "/health/live") == 200
        assert status(server, "/health/ready") == 503
        assert status(server, "/api/v1/courses/") == 503
        assert server.stop() == 0


def test_f102_it_heals_when_the_database_comes(
    postgres_template: str, settings: dict[str, str], tmp_path: Path
) -> None:
    name = databases.fresh_name()
    later = {**settings, "DATABASE_URL": databases.url_of(name)}
    with serving(later, tmp_path) as server:
        assert status(server, "/health/ready") == 503
        databases.on_server(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
        try:
            assert status(server, "/health/ready") == 200
            assert status(server, "/api/v1/courses/") == 200
            assert server.stop() == 0
        finally:
            databases.on_server(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def session_on(server: Server, var: Path) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A signed-in client and the path of a new session."""
    headers = await asyncio.to_thread(tokens, server, var)
    base = f"{server.url}/api/v1"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=20) as client:
        made = await client.post("/chat/sessions", json={"content_item_id": 1})
        assert made.status_code == 201, made.text
        yield client, f"/chat/sessions/{made.json()['id']}"


async def stopped_within_a_turn(
    answer: Answer, settings: dict[str, str], tmp_path: Path, var: Path
) -> tuple[list[str], int, int]:
    """The `data:` lines of a turn within which the server is told to stop, the status of a turn
    begun after that, and the exit code."""
    async with model_serving(answer) as model:
        chosen = {**settings, "LLM": "openai", "MODEL": "m", "OPENAI_BASE_URL": model.url}
        with serving(chosen, tmp_path) as server:
            async with session_on(server, var) as (client, path):
                other = await client.post("/chat/sessions", json={"content_item_id": 2})
                lines: list[str] = []
                async with client.stream("POST", f"{path}/greeting") as stream:
                    async for line in stream.aiter_lines():
                        if not line.startswith("data:"):
                            continue
                        lines.append(line)
                        if len(lines) == 1:
                            server.process.send_signal(signal.SIGTERM)
                            await asyncio.sleep(0.3)
                            late = await client.post(
                                f"/chat/sessions/{other.json()['id']}/greeting"
                            )
            return lines, late.status_code, await asyncio.to_thread(server.process.wait, 20)


async def test_f101_told_to_stop_it_lets_running_turns_end_and_takes_no_more(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    words = tuple(frame(f"word {number} ") for number in range(8))
    answer = Answer((*words, frame(finish="stop")), pause=0.2)
    lines, late, code = await stopped_within_a_turn(answer, settings, tmp_path, demo)
    assert len(lines) == 9
    assert '"done": true, "message_id": ' in lines[-1]
    assert "detail" not in lines[-1]
    assert late == 503
    assert code == 0


async def test_f101_a_turn_that_does_not_end_in_time_fails_for_its_reader(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    answer = Answer((frame("a word and no more"),), ending="silence")
    chosen = {**settings, "DRAIN_SECONDS": "1"}
    lines, late, code = await stopped_within_a_turn(answer, chosen, tmp_path, demo)
    assert len(lines) == 2
    assert '"message_id": null, "detail": ' in lines[-1]
    assert late == 503
    assert code == 0
