"""Schemathesis over the running service: requests made from its own OpenAPI document.

Every check but one: that whatever fits the document is accepted. Much of it rightly is not: a
code that is taken, an integer written as `1.0`, a time zone that is none.
"""

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.running import serving
from tests.service.lecture import DAY, KEY
from twosigma.adapters.security.passwords import BcryptHasher
from twosigma.adapters.security.tokens import JwtTokens
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.actor import Role
from twosigma.domain.tokens import mint
from twosigma.testing import Learner, in_memory

COMMAND = (
    sys.executable, "-m", "schemathesis.cli", "--no-color",
    "--config-file", str(Path(__file__).with_name("schemathesis.toml")), "run", "--checks", "all",
    "--exclude-checks", "positive_data_acceptance", "--continue-on-failure", "--no-shrink",
    "--warnings", "off", "--request-timeout", "30",
)  # fmt: skip

RUNS = (
    # First, while lessons have a prompt: an admin may give them one that is not there, which is
    # a 503 to whoever is to be taught.
    ("student", "--phases", "fuzzing"),
    ("admin", "--phases", "examples,coverage,fuzzing"),
    ("program", "--phases", "examples,coverage,fuzzing", "--include-tag", "Langfuse"),
    # A new session has no turn to stop: that 404 is no fault.
    ("admin", "--phases", "stateful", "--exclude-operation-id", "stop_turn"),
)


async def people_of_a_school(url: str) -> Mapping[str, str]:
    """How an admin signs in, a student of a course with a session, and a program of the admin's:
    their Authorization headers."""
    store, clock = SqlStore(url), SystemClock()
    async with in_memory(store=store, time=clock, passwords=BcryptHasher(4)) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        course = await world.course(items=2)
        student = await world.learner(course)
        await student.open(course.items[0])
        pair = await world.core.api_keys.create(admin.actor, "Program", None)
        word = b64encode(f"{pair.key.public_key}:{pair.secret_key}".encode()).decode()
        signed_in = {
            "admin": f"Bearer {token_of(admin)}", "student": f"Bearer {token_of(student)}",
            "program": f"Basic {word}",
        }  # fmt: skip
    await store.dispose()
    return signed_in


def token_of(who: Learner) -> str:
    pair = mint(who.id, (f"a{who.id}", f"r{who.id}"), SystemClock().now(), (DAY, DAY))
    return JwtTokens(KEY.encode()).sign(pair.access)


def schemathesis(url: str, authorization: str, *options: str) -> tuple[int, str]:
    """How it ended, and what it said."""
    done = subprocess.run(
        [*COMMAND, *options, "-H", f"Authorization: {authorization}", f"{url}/openapi.json"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.service.schema_hooks"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


async def fuzzed(url: str, folder: Path, examples: int, *more: str) -> None:
    people = await people_of_a_school(url)
    settings = {
        "DATABASE_URL": url, "SECRET_KEY": KEY, "VAR_DIR": str(folder / "var"), "BCRYPT_COST": "4",
        "RATE_LIMITS": "off", "ENCRYPTION_KEYS": f"key:{b64encode(b'k' * 32).decode()}",
        # Credentials are tried where nothing listens, and not on AWS.
        "BEDROCK_ENDPOINT_URL": "http://127.0.0.1:9",
    }  # fmt: skip
    with serving(settings, folder) as server:
        for who, *options in RUNS:
            code, said = schemathesis(
                server.url, people[who], *options, "--max-examples", str(examples), *more
            )
            assert code == 0, f"as {who}: {said[-20_000:]}"
        assert server.stop() == 0
    log = server.log.read_text()
    assert "Traceback" not in log
    assert " status=5" not in log


@pytest.mark.timeout(400)
async def test_f25_no_request_made_from_the_document_finds_a_fault(
    lecture_url: str, tmp_path: Path
) -> None:
    await fuzzed(lecture_url, tmp_path, 3, "--generation-deterministic")


@pytest.mark.chaos
async def test_f25_many_requests_made_from_the_document_find_no_fault(
    lecture_url: str, tmp_path: Path
) -> None:
    await fuzzed(lecture_url, tmp_path, 60, "--generation-database", "none")
