"""`twosigma keys rotate`, and a service whose tutor is on Bedrock, as processes."""

import asyncio
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import httpx
import pytest

from tests.bedrock_server import Answer, refuses, replies
from tests.bedrock_server import serving as bedrock_serving
from tests.cli.conftest import Twosigma
from tests.cli.running import Server, serving
from tests.credentials import ACCESS_KEY, AWS, CANARIES, SECRET, TOKEN
from twosigma.adapters.cli.demo import read_passwords
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor, Role
from twosigma.settings import load
from twosigma.wiring import open_ports

OLD = f"old:{b64encode(b'o' * 32).decode()}"
NEW = f"new:{b64encode(b'n' * 32).decode()}"
ADMIN = Actor(user_id=1, role=Role.PLATFORM_ADMIN)
Json = dict[str, Any]


async def _store(ring: str, var: Path) -> None:
    settings = load({"TWOSIGMA_VAR_DIR": str(var), "TWOSIGMA_ENCRYPTION_KEYS": ring})
    async with open_ports(settings) as ports:
        await TwoSigma(ports).credentials.store(ADMIN, AWS)


def sql(var: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(connect(var / "twosigma.db")) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
    return rows


@pytest.fixture
def kept(twosigma: Twosigma, var: Path) -> Path:
    """A database with credentials under the old key."""
    assert twosigma("db", "upgrade").code == 0
    asyncio.run(_store(OLD, var))
    return var


def test_f111_a_rotation_says_how_many_and_may_be_repeated(
    twosigma: Twosigma, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOSIGMA_ENCRYPTION_KEYS", f"{NEW},{OLD}")
    first, again = twosigma("keys", "rotate"), twosigma("keys", "rotate")
    assert (first.code, again.code) == (0, 0)
    assert first.out == "Encrypted 3 secrets anew; 0 had the first key already.\n"
    assert again.out == "Encrypted 0 secrets anew; 3 had the first key already.\n"
    monkeypatch.setenv("TWOSIGMA_ENCRYPTION_KEYS", NEW)
    assert twosigma("keys", "rotate").out == again.out
    (row,) = sql(
        kept, "SELECT access_key_id, secret_access_key, session_token FROM aws_credentials"
    )
    assert [text.partition(":")[0] for text in row] == ["new"] * 3


def test_f111_without_the_old_key_a_rotation_ends_with_1_and_names_what_is_lost(
    twosigma: Twosigma, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sql(kept, "SELECT * FROM aws_credentials")
    for ring in (NEW, None):
        if ring is None:
            monkeypatch.delenv("TWOSIGMA_ENCRYPTION_KEYS")
        else:
            monkeypatch.setenv("TWOSIGMA_ENCRYPTION_KEYS", ring)
        ended = twosigma("keys", "rotate")
        assert ended.code == 1
        assert ended.err == (
            "twosigma: cannot be read, and stay as they are: aws_credentials.access_key_id, "
            "aws_credentials.secret_access_key, aws_credentials.session_token\n"
        )
    assert sql(kept, "SELECT * FROM aws_credentials") == before


def test_nothing_stored_is_nothing_to_rotate(twosigma: Twosigma, var: Path) -> None:
    twosigma("db", "upgrade")
    assert twosigma("keys", "rotate").out.startswith("Encrypted 0 secrets anew")


def test_what_is_stored_is_not_in_the_file_in_the_clear(kept: Path) -> None:
    written = b"".join(path.read_bytes() for path in kept.iterdir() if path.is_file())
    assert b"aws_credentials" in written
    assert not any(canary.encode() in written for canary in CANARIES)


def signed_in(server: Server, var: Path, email: str) -> httpx.Client:
    password = read_passwords(var / "demo-accounts.txt")[email]
    base = f"{server.url}/api/v1"
    body = {"email": email, "password": password}
    tokens = httpx.post(f"{base}/auth/login", json=body).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return httpx.Client(base_url=base, headers=headers, timeout=20)


def greeted(student: httpx.Client) -> int:
    """The status of a new session's greeting."""
    made = student.post("/chat/sessions", json={"content_item_id": 1}).json()
    return student.post(f"/chat/sessions/{made['id']}/greeting").status_code


def test_f81_an_admin_stores_credentials_and_the_next_turn_uses_them(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    body = {
        "aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET,
        "aws_session_token": TOKEN,
    }  # fmt: skip
    with bedrock_serving(refuses("ExpiredTokenException", 403)) as bedrock:
        chosen = {
            **settings, "LLM": "bedrock", "MODEL": "amazon.nova-lite-v1:0", "LOG_LEVEL": "debug",
            "BEDROCK_ENDPOINT_URL": bedrock.url, "ENCRYPTION_KEYS": OLD,
        }  # fmt: skip
        with serving(chosen, tmp_path) as server:
            admin = signed_in(server, demo, "admin@demo.example")
            student = signed_in(server, demo, "student@demo.example")
            with admin, student:
                assert admin.post("/admin/aws-credentials", json=body).status_code == 200
                tried = admin.post("/admin/aws-credentials/test").json()
                assert (tried["success"], tried["message"].partition(":")[0]) == (
                    False, "ExpiredTokenException",
                )  # fmt: skip
                assert greeted(student) == 503
                bedrock.answer = replies("Welcome!")
                assert greeted(student) == 200
            assert server.stop() == 0
        assert {path.rpartition("/")[2] for path in bedrock.paths} == {
            "converse", "converse-stream",
        }  # fmt: skip
        assert all(f"={ACCESS_KEY}/" in head["authorization"] for head in bedrock.heads)
    log = server.log.read_text()
    assert "ExpiredTokenException" in log
    assert not any(canary in log for canary in (*CANARIES, "own words"))


def test_a_service_that_stops_within_a_call_does_not_wait_for_bedrock(
    demo: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    with bedrock_serving(Answer(is_mute=True)) as bedrock:
        chosen = {
            **settings, "LLM": "bedrock", "MODEL": "m", "BEDROCK_ENDPOINT_URL": bedrock.url,
            "ENCRYPTION_KEYS": OLD, "DRAIN_SECONDS": "0.5",
        }  # fmt: skip
        asyncio.run(_store(OLD, demo))
        with serving(chosen, tmp_path) as server:
            with signed_in(server, demo, "student@demo.example") as student:
                made = student.post("/chat/sessions", json={"content_item_id": 1}).json()
                with pytest.raises(httpx.TimeoutException):
                    student.post(f"/chat/sessions/{made['id']}/greeting", timeout=1)
            assert len(bedrock.bodies) == 1
            assert server.stop() == 0
            assert bedrock.gone.wait(5)
