"""`twosigma db` and `twosigma users` over a SQLite file."""

from pathlib import Path

import pytest

from tests.cli.conftest import Twosigma

CREATE = ("users", "create", "--email", "Ada@Example.org", "--role", "platform_admin")


def test_a_database_goes_up_down_and_up_again(twosigma: Twosigma, var: Path) -> None:
    assert "not set up" in twosigma("db", "current").out
    assert not var.exists()
    assert twosigma("db", "upgrade").code == 0
    newest = twosigma("db", "current").out
    assert newest.endswith("(the newest)\n")
    assert twosigma("db", "downgrade", "base").code == 0
    assert "not set up" in twosigma("db", "current").out
    assert twosigma("db", "upgrade", "--revision", "0001").code == 0
    assert "wants" in twosigma("db", "current").out
    assert twosigma("db", "upgrade").code == 0
    assert twosigma("db", "current").out == newest


def test_an_unknown_revision_is_refused(twosigma: Twosigma) -> None:
    twosigma("db", "upgrade")
    ended = twosigma("db", "downgrade", "none_such")
    assert ended.code == 1
    assert "none_such" in ended.err


def test_a_command_on_a_database_that_is_not_set_up_says_what_to_run(twosigma: Twosigma) -> None:
    ended = twosigma("cache", "show", "--content", "1")
    assert ended.code == 1
    assert ended.err == "twosigma: the database is not set up: run twosigma db upgrade\n"


def test_f109_a_copy_put_back_undoes_what_came_after_it(twosigma: Twosigma, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    twosigma("db", "upgrade")
    assert twosigma("db", "backup", copy).code == 0
    assert twosigma(*CREATE, stdin="a long password\n").code == 0
    assert twosigma(*CREATE, stdin="a long password\n").code == 1
    assert twosigma("db", "restore", copy).code == 0
    assert twosigma(*CREATE, stdin="a long password\n").code == 0


def test_what_is_no_copy_is_not_put_back(twosigma: Twosigma, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database\n" * 100)
    twosigma("db", "upgrade")
    for name in ("notes.txt", "none"):
        ended = twosigma("db", "restore", str(tmp_path / name))
        assert ended.code == 1
        assert name in ended.err
    assert twosigma("db", "current").out.endswith("(the newest)\n")


def test_a_backup_without_a_database_is_refused(twosigma: Twosigma, tmp_path: Path) -> None:
    ended = twosigma("db", "backup", str(tmp_path / "copy.db"))
    assert ended.code == 1
    assert "twosigma.db" in ended.err


def test_for_postgresql_the_tool_to_run_is_named(
    twosigma: Twosigma, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOSIGMA_DATABASE_URL", "postgresql://u:canary@127.0.0.1:1/d")
    for action, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
        ended = twosigma("db", action, "copy.dump")
        assert ended.code == 1
        assert tool in ended.err
        assert "canary" not in ended.err


def test_an_account_is_made_in_any_role(twosigma: Twosigma) -> None:
    twosigma("db", "upgrade")
    made = twosigma(*CREATE, "--full-name", "Ada L.", stdin="a long password\n")
    assert made.code == 0
    assert made.out == "Created PLATFORM_ADMIN ada@example.org (id 1).\n"
    again = twosigma(*CREATE, stdin="a long password\n")
    assert again.code == 1
    assert again.err == "twosigma: Email already registered\n"


def test_a_password_may_come_from_its_variable(
    twosigma: Twosigma, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOSIGMA_PASSWORD", "a long password")
    twosigma("db", "upgrade")
    assert twosigma(*CREATE).code == 0


@pytest.mark.parametrize(("typed", "why"), [("", "no password"), ("short\n", "password: ")])
def test_f120_a_bad_password_is_refused_and_not_shown(
    twosigma: Twosigma, typed: str, why: str
) -> None:
    twosigma("db", "upgrade")
    ended = twosigma(*CREATE, stdin=typed)
    assert ended.code == 1
    assert why in ended.err
    assert "short" not in ended.err


def test_a_password_is_no_argument(twosigma: Twosigma) -> None:
    assert twosigma(*CREATE, "--password", "a long password").code == 2


def test_an_address_that_is_none_is_refused(twosigma: Twosigma) -> None:
    twosigma("db", "upgrade")
    ended = twosigma("users", "create", "--email", "ada", "--role", "student", stdin="12345678\n")
    assert ended.code == 1
    assert ended.err.startswith("twosigma: email: ")
