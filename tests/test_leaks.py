"""The guard against leaks sees what it is to see."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests import leaks
from twosigma.testing import PASSWORD

JWT = ".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxIn0abc", "s" * 43])


@pytest.fixture(autouse=True)
def forgiven() -> Iterator[None]:
    """These tests leak on purpose."""
    leaks.watch()
    yield
    leaks.found.clear()


@pytest.mark.parametrize("secret", [*leaks.SECRETS, JWT])
def test_f120_a_secret_in_a_log_line_is_seen(secret: str) -> None:
    logging.getLogger("twosigma.x").debug("signed in with %s", secret)
    assert len(leaks.found) == 1
    structlog.get_logger("twosigma.http").info("request", path=f"/?token={secret}")
    assert len(leaks.found) == 2


def test_f120_a_secret_in_a_traceback_is_seen() -> None:
    try:
        int(PASSWORD)
    except ValueError:
        logging.getLogger("twosigma.x").exception("failed")
    assert leaks.found


def test_f57_a_secret_field_in_an_answer_is_seen() -> None:
    leaks.look_at_answer(200, '{"user": {"id": 1, "password_hash": "x"}}')
    leaks.look_at_answer(422, f'{{"detail": "{PASSWORD}"}}')
    leaks.look_at_answer(200, f'{{"note": "{PASSWORD}"}}')
    assert len(leaks.found) == 3
    leaks.look_at_answer(200, f'{{"access_token": "{JWT}", "has_session_token": true}}')
    assert len(leaks.found) == 3, "who signs in is given tokens"


def test_f120_a_secret_in_a_database_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    path.write_bytes(b"\x00\xff" + PASSWORD.encode() + b"\x00")
    leaks.look_at_file(path)
    leaks.look_at_file(tmp_path / "none.db")
    assert len(leaks.found) == 1
