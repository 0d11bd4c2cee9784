"""What README.md tells people to type does what it says."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import environment, serving

README = Path(__file__).parents[2] / "README.md"


def block(language: str, marker: str = "") -> str:
    found = re.search(rf"{marker}\s*```{language}\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_harness_example_prints_what_it_says() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block("python")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("llm cache True 1\n", "")


def test_the_walk_through_shows_the_second_student_the_cache(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the walk-through needs curl")
    settings = {"VAR_DIR": str(tmp_path / "var"), "BCRYPT_COST": "4"}
    with serving(settings, tmp_path, "--demo") as server:
        walk = block("bash", "<!-- walk -->").replace("http://127.0.0.1:8000", server.url)
        done = subprocess.run(
            ["bash", "-eu", "-c", walk],
            cwd=tmp_path,
            env=environment({}),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line[6:]) for line in done.stdout.split("\n") if line.startswith("data: ")]
    assert len(events) > 20
    streams: list[list[object]] = [[]]
    ids: list[object] = []
    for event in events:
        if event["done"]:
            ids.append(event["message_id"])
            streams.append([])
        else:
            streams[-1].append(event)
    assert streams[0] == streams[1]
    assert streams[2] == streams[3]
    assert streams[4] == streams[5]
    assert len(set(ids)) == 6
    sources = re.findall(r'"source":"([a-z]+)"', done.stdout)
    assert sources == ["llm"] * 3 + ["cache"] * 3
