"""How the command ends: 0 done, 1 failed, 2 wrong use; one line says why."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from tests.cli.conftest import Twosigma
from tests.cli.running import COMMAND, command, environment
from twosigma.adapters.cli.commands import run
from twosigma.adapters.cli.program import Failed, Misused, Opened
from twosigma.domain.errors import Fault, Invalid, Unavailable
from twosigma.main import _program

COMMANDS = ("serve", "db", "users", "demo", "import", "prompts", "chat", "cache", "keys", "openapi")


def breaking(error: Exception) -> Callable[[], AbstractAsyncContextManager[Opened]]:
    def opened() -> NoReturn:
        raise error

    return opened


def test_help_lists_every_command(twosigma: Twosigma) -> None:
    shown = twosigma("--help")
    assert shown.code == 0
    assert all(f"  {name} " in shown.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(twosigma: Twosigma, name: str) -> None:
    shown = twosigma(name, "--help")
    assert shown.code == 0
    assert shown.out.startswith(f"Usage: twosigma {name} ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("--nothing",),
        ("serve", "--port", "x"),
        ("serve", "--port", "65536"),
        ("db", "backup"),
        ("import", "oatutor"),
        ("prompts", "export"),
        ("import", "moodle", "/tmp"),  # noqa: S108 -- it is never opened
        ("users", "create", "--email", "a@b.example", "--role", "KING"),
        ("cache", "show"),
        ("cache", "prune", "--unused-days", "0"),
        ("chat", "--url", "ftp://x"),
    ],
)
def test_wrong_use_ends_with_2_and_one_line(twosigma: Twosigma, arguments: tuple[str, ...]) -> None:
    ended = twosigma(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("twosigma: ")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [(), ("db",), ("users",)])
def test_a_group_alone_shows_its_help_and_ends_with_2(
    twosigma: Twosigma, arguments: tuple[str, ...]
) -> None:
    ended = twosigma(*arguments)
    assert ended.code == 2
    assert "Usage: twosigma" in ended.err


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (Failed("it is so"), 1, "it is so"),
        (Misused("not like this"), 2, "not like this"),
        (Unavailable("The database\nis away"), 1, "The database is away"),
        (Invalid([Fault(("body", "email"), "Not an address", "v")]), 1, "email: Not an address"),
        (RuntimeError("first\nsecond line"), 1, "failed: RuntimeError: first"),
    ],
)
def test_each_kind_of_error_is_one_line_and_its_code(
    error: Exception, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program = msgspec.structs.replace(_program(), opened=breaking(error))
    assert run(program, ["cache", "show", "--content", "1"]) == code
    assert capsys.readouterr() == ("", f"twosigma: {line}\n")


def test_an_unknown_setting_is_named_and_nothing_is_done(settings: dict[str, str]) -> None:
    ended = command({**settings, "PROT": "1"}, "db", "upgrade")
    assert ended.code == 2
    assert ended.err == "twosigma: TWOSIGMA_PROT is no setting; is it TWOSIGMA_PORT?\n"
    assert not Path(settings["VAR_DIR"]).exists()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://"])
def test_a_database_of_another_kind_is_refused(
    twosigma: Twosigma, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOSIGMA_DATABASE_URL", url)
    for arguments in (("db", "current"), ("db", "upgrade"), ("cache", "prune"), ("serve",)):
        ended = twosigma(*arguments)
        assert ended.code == 2
        assert ended.err.startswith("twosigma: TWOSIGMA_DATABASE_URL: ")


def test_the_schema_is_printed_whatever_is_set(settings: dict[str, str]) -> None:
    printed = command({**settings, "HOST": "0.0.0.0"}, "openapi")  # noqa: S104 -- nothing listens
    assert printed.code == 0
    schema = msgspec.json.decode(printed.out)
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/auth/login" in schema["paths"]
    assert not Path(settings["VAR_DIR"]).exists()


def test_a_reader_that_goes_away_is_no_traceback(settings: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "openapi"],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_help_loads_no_heavy_library() -> None:
    heavy = (
        "sqlalchemy",
        "alembic",
        "litestar",
        "uvicorn",
        "httpx",
        "rich",
        "asyncpg",
        "bcrypt",
        "boto3",
        "cryptography",
    )
    code = (
        "import sys; from twosigma.main import _program, run; run(_program(), ['--help']);"
        f"sys.exit(', '.join(set({heavy}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
