"""Trial calls, and which credentials the process finds around it: the real boto3, a real server."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.adapters.bedrock_model import AWAY, clients
from tests.bedrock_server import Answer, BedrockServer, refuses, serving
from tests.credentials import ACCESS_KEY, AWS, CANARIES, SECRET
from twosigma.adapters.bedrock.probe import BedrockProbe
from twosigma.adapters.bedrock.threads import Threads
from twosigma.domain.credentials import NO_CREDENTIALS, Ambient

ANSWERED = Answer(
    headers={"Content-Type": "application/json"},
    blocks=(
        b'{"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}, '
        b'"stopReason": "max_tokens", "usage": {"inputTokens": 1, "outputTokens": 1, '
        b'"totalTokens": 2}, "metrics": {"latencyMs": 3}}',
    ),
)


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials in the environment of this machine, whatever it has."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")


@asynccontextmanager
async def probing(
    answer: Answer | None, seconds: float = 5
) -> AsyncIterator[tuple[BedrockProbe, BedrockServer]]:
    threads = Threads(threads=2, queue=4, wait=1)
    with serving(answer or ANSWERED) as server:
        sources = clients(AWAY if answer is None else server.url)
        yield (
            BedrockProbe(
                sources=lambda: sources, model="a-model", region="eu-west-1", threads=threads,
                seconds=seconds,
            ),
            server,
        )  # fmt: skip
        threads.close()


async def test_a_trial_asks_the_model_for_one_token() -> None:
    async with probing(ANSWERED) as (bedrock, server):
        probe = await bedrock.probe(AWS)
    assert (probe.failure, probe.region) == (None, AWS.region)
    assert 0 < probe.latency_ms < 5_000
    assert server.paths == ["/model/a-model/converse"]
    assert server.bodies[0]["inferenceConfig"] == {"maxTokens": 1}
    assert f"Credential={ACCESS_KEY}/" in server.heads[0]["authorization"]


@pytest.mark.parametrize(
    "code",
    ["ExpiredTokenException", "UnrecognizedClientException", "AccessDeniedException",
     "ResourceNotFoundException", "ThrottlingException", "InvalidSignatureException"],
)  # fmt: skip
async def test_f81_a_refused_trial_is_told_by_its_class_and_made_once(code: str) -> None:
    async with probing(refuses(code, 403)) as (bedrock, server):
        probe = await bedrock.probe(AWS)
    assert probe.failure == code
    assert len(server.bodies) == 1
    assert not any(canary in repr(probe) for canary in CANARIES)


async def test_a_trial_takes_no_longer_than_its_time_and_leaves_no_thread_behind() -> None:
    async with probing(Answer(is_mute=True), seconds=0.3) as (bedrock, server):
        loop = asyncio.get_running_loop()
        began = loop.time()
        probes = await asyncio.gather(*(bedrock.probe(AWS) for _ in range(3)))
        assert [probe.failure for probe in probes] == ["Timeout"] * 3
        assert loop.time() - began < 4
        server.answer = ANSWERED
        assert (await bedrock.probe(AWS)).failure is None


async def test_a_trial_of_a_service_that_is_away_is_told_so() -> None:
    async with probing(None) as (bedrock, _):
        assert (await bedrock.probe(AWS)).failure == "EndpointConnectionError"


async def test_without_credentials_there_is_nothing_to_try() -> None:
    async with probing(ANSWERED) as (bedrock, server):
        assert await bedrock.ambient() is None
        assert (await bedrock.probe(None)).failure == NO_CREDENTIALS
        assert server.bodies == []


async def test_the_environments_credentials_are_found_and_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    async with probing(ANSWERED) as (bedrock, server):
        found = Ambient(access_key_last4="4321", has_session_token=False)
        assert await bedrock.ambient() == found
        probe = await bedrock.probe(None)
    assert (probe.failure, probe.region) == (None, "eu-west-1")
    assert "/eu-west-1/bedrock/" in server.heads[0]["authorization"]


async def test_stored_credentials_are_signed_with_whatever_else_the_environment_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "somebody-elses")
    async with probing(ANSWERED) as (bedrock, server):
        assert (await bedrock.probe(AWS)).failure is None
    assert f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/" in server.heads[0]["authorization"]


async def test_credentials_that_cannot_be_had_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile broken]\ncredential_process = false\n"
        "[profile gone]\ncredential_process = /no/such/program\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for profile in ("broken", "gone", "missing"):
        monkeypatch.setenv("AWS_PROFILE", profile)
        async with probing(ANSWERED) as (bedrock, server):
            assert await bedrock.ambient() is None
            assert (await bedrock.probe(None)).failure is not None
            assert server.bodies == []


async def test_credentials_that_take_too_long_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile slow]\ncredential_process = sleep 1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "slow")
    async with probing(ANSWERED, seconds=0.2) as (bedrock, _):
        assert await bedrock.ambient() is None
        assert (await bedrock.probe(None)).failure == "Timeout"


async def test_the_machine_is_asked_only_where_bedrock_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    with serving(Answer(status=404)) as machine:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", machine.url)
        assert clients(AWAY).ambient() is None
        assert machine.asked == 0
        monkeypatch.setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1")
        assert clients(AWAY, asks_machine=True).ambient() is None
        assert machine.asked > 0


def test_boto3_is_not_loaded_before_it_is_used(tmp_path: Path) -> None:
    code = """
import asyncio, sys
from twosigma.settings import load
from twosigma.wiring import open_ports
async def main():
    async with open_ports(load({"TWOSIGMA_VAR_DIR": sys.argv[1]})):
        print({"boto3", "botocore"} & set(sys.modules))
asyncio.run(main())
"""
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
