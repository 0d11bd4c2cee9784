"""The unmodified Langfuse SDK against the running service, as docs/langfuse.md shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import environment
from tests.service.lecture import Lecture
from twosigma.domain.api_keys import IssuedKey

PAGE = Path(__file__).parents[2] / "docs" / "langfuse.md"
SECONDS = 60


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


async def pair_of(lecture: Lecture) -> IssuedKey:
    return await lecture.world.core.api_keys.create(lecture.admin.actor, "SDK", None)


def run(script: str, url: str, pair: IssuedKey) -> subprocess.CompletedProcess[str]:
    keys = {
        "LANGFUSE_BASE_URL": url, "LANGFUSE_PUBLIC_KEY": pair.key.public_key,
        "LANGFUSE_SECRET_KEY": pair.secret_key, "LANGFUSE_TRACING_ENABLED": "false",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", script], env=environment({}) | keys, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip


@pytest.mark.timeout(2 * SECONDS)
async def test_the_pages_script_prints_what_the_page_says(lecture: Lecture) -> None:
    pair = await pair_of(lecture)
    with lecture.serve({}) as server:
        done = run(block("python"), server.url, pair)
        assert server.stop() == 0
    assert done.returncode == 0, done.stderr
    assert done.stdout == block("text")
    log = server.log.read_text()
    assert pair.secret_key not in log
    assert " status=5" not in log


CLIENT = """
import time
from langfuse import Langfuse
client = Langfuse()
started = time.monotonic()
try:
    client.get_prompt(NAME, max_retries=0, cache_ttl_seconds=0)
except Exception as error:
    print(type(error).__name__, getattr(error, "status_code", None))
print(time.monotonic() - started < 2)
"""


@pytest.mark.timeout(2 * SECONDS)
async def test_an_sdk_is_told_at_once_that_its_key_is_no_good(lecture: Lecture) -> None:
    pair = await pair_of(lecture)
    await lecture.world.core.api_keys.revoke(lecture.admin.actor, pair.key.id)
    with lecture.serve({}) as server:
        done = run(CLIENT.replace("NAME", "'p'"), server.url, pair)
    assert done.stdout == "UnauthorizedError 401\nTrue\n", done.stderr
