"""`twosigma chat` against a real server with the offline tutor, line by line."""

import os
import pty
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Twosigma
from tests.cli.running import COMMAND, Outcome, Server, environment, serving
from twosigma.adapters.cli.chat_screen import Screen

STUDENT = "student@demo.example"


@pytest.fixture(scope="module")
def server(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("chat")
    shutil.copytree(demo_template, folder / "var")
    with serving({"VAR_DIR": str(folder / "var"), "BCRYPT_COST": "4"}, folder) as started:
        yield started, folder / "var"


@pytest.fixture
def chat(
    server: tuple[Server, Path], twosigma: Twosigma, monkeypatch: pytest.MonkeyPatch
) -> Twosigma:
    started, folder = server
    monkeypatch.setenv("TWOSIGMA_VAR_DIR", str(folder))

    def talk(*lines: str, arguments: tuple[str, ...] = ()) -> Outcome:
        typed = "".join(f"{line}\n" for line in lines)
        return twosigma("chat", "--url", started.url, *arguments, stdin=typed)

    return talk


def at_item(item_id: int) -> tuple[str, ...]:
    return ("--item", str(item_id))


def test_a_learner_finds_a_lesson_by_number_and_talks(chat: Twosigma) -> None:
    told = chat("1", "1", "1", "1", "hello there", "/quit")
    assert told.code == 0, told.err
    assert "   1  Chapter 1" in told.out
    assert "Welcome! This is" in told.out
    assert told.out.count("— source: ") == 2
    assert told.out.endswith("Until next time.\n")


def test_a_lesson_is_found_by_a_piece_of_its_name(chat: Twosigma) -> None:
    told = chat("no such thing", "LANGUAGE OF algebra", "1", "1", "/quit")
    assert told.code == 0, told.err
    assert "Nothing of that name" in told.out
    assert "1.2 Use the Language of Algebra" in told.out
    assert "Welcome!" in told.out


def test_one_goes_back_up(chat: Twosigma) -> None:
    told = chat("2", "..", "1", "/quit")
    assert told.out.count("   1  Chapter 1") == 2


def test_a_letter_answers_and_the_verdict_comes_back(chat: Twosigma) -> None:
    told = chat("A", "/quit", arguments=at_item(2))
    assert told.code == 0, told.err
    assert "(answer A B C D, or ask anything)" in told.out
    assert "Question 2 of " in told.out
    assert "2×2×2×2×3" in told.out


def test_the_second_learner_on_a_path_is_answered_from_the_cache(chat: Twosigma) -> None:
    chat("A", "B", "/quit", arguments=at_item(4))
    second = chat("A", "B", "/quit", arguments=(*at_item(4), "--email", "student2@demo.example"))
    assert second.out.count("— source: cache") == 3
    assert "— source: llm" not in second.out


def test_free_text_leaves_the_question_open(chat: Twosigma) -> None:
    told = chat("why is that so?", "A", "/quit", arguments=at_item(2))
    assert told.out.count("(answer A B C D, or ask anything)") >= 2
    assert "Question 2 of " in told.out


def test_the_next_item_and_a_link_to_share(chat: Twosigma, server: tuple[Server, Path]) -> None:
    told = chat("/next", "/share", "/what", "/quit", arguments=at_item(1))
    assert told.out.count("Welcome!") == 2
    assert f"Anyone can read this: {server[0].url}/api/v1/chat/share/" in told.out
    assert "/next the next item" in told.out


def test_the_end_of_the_input_ends_the_talk(chat: Twosigma) -> None:
    assert chat(arguments=at_item(1)).code == 0
    assert chat().code == 0


def test_a_stranger_is_told_so_in_a_line(chat: Twosigma, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOSIGMA_PASSWORD", "not the password")
    refused = chat("1")
    assert refused.code == 1
    assert refused.err == "twosigma: Incorrect email or password\n"
    monkeypatch.delenv("TWOSIGMA_PASSWORD")
    unknown = chat("1", arguments=("--email", "nobody@demo.example"))
    assert unknown.code == 1
    assert "TWOSIGMA_PASSWORD" in unknown.err


def test_a_learner_who_is_not_enrolled_joins_first(
    chat: Twosigma, twosigma: Twosigma, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOSIGMA_PASSWORD", "a long password")
    email = "newcomer@demo.example"
    assert twosigma("users", "create", "--email", email, "--role", "student").code == 0
    told = chat("/quit", arguments=(*at_item(1), "--email", email))
    assert told.code == 0, told.err
    assert "You have joined the course" in told.out
    assert "Welcome!" in told.out


def test_an_item_that_is_not_there_is_told(chat: Twosigma) -> None:
    ended = chat(arguments=at_item(99_999))
    assert ended.code == 1
    assert ended.err == "twosigma: Content not found\n"


def test_the_cache_of_the_lesson_shows_the_path(chat: Twosigma, twosigma: Twosigma) -> None:
    chat("A", "/quit", arguments=at_item(2))
    shown = twosigma("cache", "show", "--content", "2")
    assert shown.code == 0
    first, root, child = shown.out.splitlines()[:3]
    assert "offline/1" in first
    assert "current" in first
    assert root.startswith("└ Start.")
    assert child.startswith("  └ {")


def read_until(terminal: int, mark: bytes) -> bytes:
    seen = b""
    while mark not in seen:
        seen += os.read(terminal, 65_536)
    return seen


def test_on_a_terminal_replies_are_rendered(server: tuple[Server, Path]) -> None:
    started, folder = server
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "chat", "--url", started.url, "--item", "2"],
        env={**environment({"VAR_DIR": str(folder)}), "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        greeting = read_until(ours, b"You: ")
        os.write(ours, b"A\n")
        verdict = read_until(ours, b"You: ")
        os.write(ours, b"/quit\n")
        read_until(ours, b"next time")
        os.close(ours)
        assert process.wait(20) == 0
    for shown in (greeting, verdict):
        # What was drawn while it came is erased; the whole is drawn after that.
        whole = shown.rpartition(b"\x1b[2K")[2]
        assert b"\x1b[1m" in whole
        assert b"**" not in whole
    assert b"Question 2 of " in verdict


def test_a_reply_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.reply(iter(["a\x1b[2J", "b\x07\x9b1m"]))
    screen.say("c\x1b]0;title\x07")
    assert capsys.readouterr().out == "a[2Jb1m\nc]0;title\n"
