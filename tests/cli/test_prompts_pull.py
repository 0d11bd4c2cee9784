"""`twosigma prompts pull`: what it needs, and how it tells what went wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests import leaks
from tests.cli.running import Outcome, command
from tests.langfuse_server import PUBLIC, SECRET, LangfuseServer, Said, serving

Pull = Callable[..., Awaitable[Outcome]]
REF = "@@@langfusePrompt:name=A|version=1@@@"


@pytest.fixture
async def there(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LangfuseServer]:
    async with serving() as server:
        server.put("A", 1)
        monkeypatch.setenv("LANGFUSE_BASE_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", PUBLIC)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", SECRET)
        yield server


@pytest.fixture
def pull(settings: dict[str, str], var: Path) -> Pull:
    """The command as a process, over a database that is set up."""
    assert command(settings, "db", "upgrade").code == 0

    async def call(*arguments: str, log_level: str = "debug") -> Outcome:
        chosen = settings | {"LOG_LEVEL": log_level}
        done = await asyncio.to_thread(command, chosen, "prompts", "pull", *arguments)
        leaks.look("the command's output", f"{done.out}{done.err}")
        return done

    return call


async def test_an_address_given_wins_and_a_slow_day_is_sat_out(
    there: LangfuseServer, pull: Pull
) -> None:
    there.said = {"/api/public/v2/prompts": [Said(429, headers={"Retry-After": "1"}), Said(502)]}
    done = await pull("--from", there.url)
    assert (done.code, done.out) == (
        0, "A version 1: A version 1, new\nAdded 1 versions; 0 were here already.\n",
    )  # fmt: skip


async def test_every_fault_is_a_line_and_nothing_is_imported(
    there: LangfuseServer, pull: Pull
) -> None:
    there.is_old = True
    there.put("B", 1, REF)
    there.put("metrics", 2, "x", config=["a"])
    there.put("C\x1b[2J", 1, [{"role": "user", "content": 1}], type="chat", labels=["Big"])
    done = await pull("--from", there.url)
    assert (done.code, done.out) == (1, "")
    lines = [line for line in done.err.splitlines() if not line.startswith("Reading: ")]
    assert lines == [
        "B version 1: prompt: That server put what it refers to in the place of its references, "
        "as older ones do that do not know resolve=false: update it",
        "C\\x1b[2J version 1: name: no |, <, >, @@@ or control characters, and no leading, "
        "trailing or double /: rename the prompt there",
        "C\\x1b[2J version 1: prompt.0.content: Must be a string",
        "C\\x1b[2J version 1: labels.0: 1-36 of a-z, 0-9, '_', '.', '-'",
        "metrics version 2: config: Not a JSON object",
        "metrics version 2: name: The name 'metrics' is reserved: rename the prompt there",
        "twosigma: nothing was imported: faults: 6",
    ]
    del there.prompts["metrics"], there.prompts["C\x1b[2J"]
    there.is_old = False
    assert "Added 2 versions" in (await pull("--from", there.url)).out


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Said(401), "does not know these keys (401)"),
        (Said(200, b"<html>"), "answers with a web page"),
        (
            Said(307, headers={"Location": "https://evil.example"}),
            "sends us on to https://evil.example",
        ),
    ],
)
async def test_what_it_cannot_read_is_one_line(
    there: LangfuseServer, pull: Pull, said: Said, told: str
) -> None:
    there.said = {"/": [said]}
    done = await pull("--from", there.url)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert done.err.startswith(f"twosigma: {there.url.removeprefix('http://')} {told}")


async def test_what_is_missing_or_no_address_is_wrong_use(
    there: LangfuseServer, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_address = await pull("--from", "langfuse.example")
    keys_in_it = await pull("--from", f"https://{PUBLIC}:sk@langfuse.example")
    monkeypatch.delenv("LANGFUSE_BASE_URL")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", " ")
    missing = await pull()
    assert {no_address.code, keys_in_it.code, missing.code} == {2}
    assert [one.err for one in (no_address, keys_in_it, missing)] == [
        "twosigma: Langfuse cannot be asked: it must begin with http:// or https:// and a host\n",
        "twosigma: Langfuse cannot be asked: it must not hold keys\n",
        "twosigma: not set: LANGFUSE_BASE_URL, LANGFUSE_SECRET_KEY\n",
    ]
    assert there.asked == []


async def test_plain_http_to_elsewhere_is_warned_of(there: LangfuseServer, pull: Pull) -> None:
    done = await pull("--from", "http://langfuse.invalid")
    assert done.code == 1
    warning, failure = done.err.splitlines()
    assert "the keys go to langfuse.invalid over plain HTTP" in warning
    assert failure.startswith("twosigma: langfuse.invalid cannot be reached: ")
