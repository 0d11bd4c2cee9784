"""The log: one way for all loggers, and nothing in it that libraries would tell."""

import json
import subprocess
import sys
from textwrap import dedent
from typing import Any

import pytest

CANARY = "canary-of-a-learner"


def written(form: str, level: str, code: str) -> list[str]:
    """What a process that has set up its log so writes to standard error."""
    program = (
        "import logging, structlog\n"
        "from twosigma.adapters.system.logs import configure\n"
        f"configure({form!r}, {level!r})\n" + dedent(code)
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def as_json(level: str, code: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written("json", level, code)]


def test_both_kinds_of_loggers_write_the_same_way() -> None:
    first, second = as_json(
        "info",
        """
        structlog.contextvars.bind_contextvars(request_id="r-1")
        structlog.get_logger("twosigma.x").info("told", turns=3)
        logging.getLogger("twosigma.x").info("told", extra={"turns": 3})
        """,
    )
    assert first.pop("timestamp") <= second.pop("timestamp")
    assert first == second
    assert first["message"] == "told"
    assert first["turns"] == 3
    assert first["request_id"] == "r-1"
    assert first["level"] == "info"
    assert first["logger"] == "twosigma.x"


def test_below_its_level_nothing_is_written() -> None:
    code = """
    structlog.get_logger("twosigma.x").info("told")
    logging.getLogger("twosigma.x").info("told")
    structlog.get_logger("twosigma.x").warning("warned")
    """
    assert [line["message"] for line in as_json("warning", code)] == ["warned"]


@pytest.mark.parametrize(
    "name", ["aiosqlite", "sqlalchemy.engine", "httpx", "httpcore", "asyncio", "uvicorn.error"]
)
def test_f120_libraries_do_not_tell_what_they_handle_at_any_level(name: str) -> None:
    code = f"logging.getLogger({name!r}).info({CANARY!r})"
    assert written("json", "debug", code) == []
    warned = f"logging.getLogger({name!r}).warning('away')"
    assert len(written("json", "debug", warned)) == 1


@pytest.mark.parametrize("form", ["json", "console"])
def test_f120_a_traceback_shows_neither_values_nor_the_text_of_an_error(form: str) -> None:
    code = """
    secret = "-".join(["canary", "of", "a", "learner"])
    def work(password):
        raise ValueError(f"no such row: {password}")
    for log in (logging.getLogger("twosigma.x"), structlog.get_logger("twosigma.x")):
        try:
            try:
                work(secret)
            except ValueError as error:
                raise KeyError(secret) from error
        except KeyError:
            log.exception("failed")
    """
    text = "\n".join(written(form, "debug", code))
    assert text.count("ValueError") == text.count("KeyError") == 2
    assert text.index("ValueError") < text.index("KeyError")
    assert "in work" in text
    assert CANARY not in text


def test_the_systems_own_errors_keep_their_text() -> None:
    code = """
    try:
        raise ConnectionRefusedError(111, "Connection refused")
    except OSError:
        logging.getLogger("twosigma.x").warning("away", exc_info=True)
    """
    (line,) = as_json("info", code)
    assert line["exception"].endswith("ConnectionRefusedError: [Errno 111] Connection refused")


def test_json_lines_hold_a_traceback_in_one_line() -> None:
    code = """
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("twosigma.x").exception("failed")
    """
    (line,) = as_json("info", code)
    assert "ZeroDivisionError" in line["exception"]


def test_for_people_a_line_has_no_colors_where_nobody_sees_them() -> None:
    (line,) = written("console", "info", "logging.getLogger('twosigma.x').info('told')")
    assert "told" in line
    assert "\x1b" not in line
