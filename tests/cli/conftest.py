"""The command over files of a test's own, and a demo that is loaded once."""

import io
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import Outcome, serving
from twosigma import main
from twosigma.adapters.cli.commands import run

Twosigma = Callable[..., Outcome]


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """The folder of 2Sigma's own files, not made yet."""
    return tmp_path / "var"


@pytest.fixture
def settings(var: Path) -> dict[str, str]:
    return {"VAR_DIR": str(var), "BCRYPT_COST": "4"}


@pytest.fixture
def twosigma(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Twosigma:
    """Run a command in this process, which keeps its own log."""
    for name, text in settings.items():
        monkeypatch.setenv(f"TWOSIGMA_{name}", text)
    monkeypatch.setattr("twosigma.adapters.system.logs.configure", lambda *_: None)

    def call(*arguments: str, stdin: str = "") -> Outcome:
        main._settings.cache_clear()
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = run(main._program(), arguments)
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    return call


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of our files as the first `twosigma serve --demo` leaves it."""
    folder = tmp_path_factory.mktemp("demo")
    settings = {"VAR_DIR": str(folder / "var"), "BCRYPT_COST": "4"}
    with serving(settings, folder, "--demo") as server:
        assert server.stop() == 0
    assert any(re.match(r"  items +[1-9]\d* added", line) for line in server.lines)
    return folder / "var"


@pytest.fixture
def demo(demo_template: Path, var: Path) -> Path:
    """The folder of the test's files, with the demo loaded."""
    shutil.copytree(demo_template, var)
    return var
