"""The unmodified Langfuse JS SDK against the running service, as docs/langfuse.md shows it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import databases
from tests.cli.running import environment
from tests.service.lecture import Lecture
from tests.service.test_langfuse import SECONDS, block, pair_of
from twosigma.domain.api_keys import IssuedKey

PROJECT = Path(__file__).parents[1] / "js"


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the SDK installed, as its lock says; without Node its test is skipped, or
    fails where TWOSIGMA_TEST_REQUIRE names node."""
    if shutil.which("npm") is None:
        reason = "Node.js and npm are not there"
        if "node" in databases.required():
            pytest.fail(f"{reason} (TWOSIGMA_TEST_REQUIRE names node)")
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("js")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PROJECT / name, folder)
    subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--silent"],
        cwd=folder,
        check=True,
        timeout=SECONDS,
    )
    return folder


def run_js(folder: Path, url: str, pair: IssuedKey) -> subprocess.CompletedProcess[str]:
    (folder / "script.mjs").write_text(block("js"))
    keys = {
        "LANGFUSE_BASE_URL": url, "LANGFUSE_PUBLIC_KEY": pair.key.public_key,
        "LANGFUSE_SECRET_KEY": pair.secret_key,
    }  # fmt: skip
    return subprocess.run(
        ["node", "script.mjs"], cwd=folder, env=environment({}) | keys, capture_output=True,
        text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


@pytest.mark.timeout(3 * SECONDS)
async def test_the_pages_js_prints_what_the_page_says(lecture: Lecture, sdk: Path) -> None:
    pair = await pair_of(lecture)
    with lecture.serve({}) as server:
        done = run_js(sdk, server.url, pair)
    assert done.returncode == 0, done.stderr
    assert done.stdout == block("output")
    assert " status=5" not in server.log.read_text()
