"""`twosigma prompts`: out of one database and into another."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Twosigma

FIELDS = '---\n{"name": "%s", "labels": ["production"]}\n---\n%s\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "prompts"


def put(folder: Path, path: str, text: str) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_prompts_go_round_between_databases(
    twosigma: Twosigma, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert twosigma("db", "upgrade").code == 0
    put(folder, "README.md", "Ours.")
    put(folder, ".git/3.md", "Not ours.")
    put(folder, "b/2.md", FIELDS % ("math/Hint", "Say {{x}}."))
    put(folder, "a/1.md", FIELDS % ("Top", "@@@langfusePrompt:name=math/Hint|version=2@@@\r\n"))
    tried = twosigma("prompts", "import", str(folder), "--dry-run")
    done = twosigma("prompts", "import", str(folder))
    again = twosigma("prompts", "import", str(folder))
    assert (tried.code, done.code, again.code) == (0, 0, 0)
    assert tried.out.endswith("Would add 2 versions; 0 were here already.\n")
    assert done.out == (
        "a/1.md: Top version 1, new\nb/2.md: math/Hint version 2, new\n"
        "Added 2 versions; 0 were here already.\n"
    )
    assert again.out.endswith("Added 0 versions; 2 were here already.\n")

    first, second = tmp_path / "first", tmp_path / "second"
    assert twosigma("prompts", "export", str(first)).code == 0
    assert {"Top/1.md", "math/Hint/2.md"} <= set(contents(first))
    monkeypatch.setenv("TWOSIGMA_VAR_DIR", str(tmp_path / "other"))
    assert twosigma("db", "upgrade").code == 0
    assert twosigma("prompts", "import", str(first)).code == 0
    assert twosigma("prompts", "export", str(second), "--current").code == 0
    assert contents(second) == contents(first)


def test_every_fault_is_a_line_and_nothing_is_imported(twosigma: Twosigma, folder: Path) -> None:
    twosigma("db", "upgrade")
    put(folder, "a/1.md", FIELDS % ("Good", "x"))
    put(folder, "b/1.md", FIELDS % ("a|b", "x"))
    put(folder, "c/d.md", FIELDS % ("C", "x"))
    ended = twosigma("prompts", "import", str(folder))
    assert ended.code == 1
    lines = ended.err.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["b/1.md:2:", "c/d.md:1:", "twosigma:"]
    assert lines[-1] == "twosigma: nothing was imported: faults: 2"
    (folder / "b/1.md").unlink()
    (folder / "c/d.md").unlink()
    assert "a/1.md: Good version 1, new" in twosigma("prompts", "import", str(folder)).out


def test_a_name_that_is_no_text_is_told_all_the_same(twosigma: Twosigma, folder: Path) -> None:
    twosigma("db", "upgrade")
    folder.mkdir()
    (folder / os.fsdecode(b"\xff.md")).write_text(FIELDS % ("A", "x"))
    ended = twosigma("prompts", "import", str(folder))
    assert ended.code == 1
    assert ended.err.startswith("\\xff.md:1: A version's file is named by its number")


def test_a_folder_that_holds_something_is_not_written_into(
    twosigma: Twosigma, folder: Path
) -> None:
    twosigma("db", "upgrade")
    put(folder, "note.txt", "Mine.")
    ended = twosigma("prompts", "export", str(folder))
    assert (ended.code, ended.err) == (1, f"twosigma: {folder} is not empty\n")
    (folder / "note.txt").rename(folder / ".note")
    assert twosigma("prompts", "export", str(folder)).code == 0


def test_a_folder_that_is_none_is_told(twosigma: Twosigma, folder: Path) -> None:
    twosigma("db", "upgrade")
    missing = twosigma("prompts", "import", str(folder))
    assert (missing.code, missing.err) == (
        1, f"twosigma: cannot read {folder}: No such file or directory\n",
    )  # fmt: skip
    folder.write_text("x")
    ended = twosigma("prompts", "export", str(folder))
    assert (ended.code, ended.err) == (1, f"twosigma: cannot write {folder}: Not a directory\n")


@pytest.mark.parametrize("kind", ["link", "pipe", "large"])
def test_what_is_no_plain_file_is_not_read(
    twosigma: Twosigma, folder: Path, tmp_path: Path, kind: str
) -> None:
    twosigma("db", "upgrade")
    folder.mkdir()
    if kind == "link":
        put(tmp_path, "secret", FIELDS % ("Secret", "x"))
        (folder / "1.md").symlink_to(tmp_path / "secret")
    elif kind == "pipe":
        os.mkfifo(folder / "1.md")
    else:
        with (folder / "1.md").open("wb") as file:
            file.truncate(9 * 1024 * 1024)
    ended = twosigma("prompts", "import", str(folder))
    assert ended.code == 1
    wanted = "has more than" if kind == "large" else "is no plain file"
    assert ended.err.startswith(f"twosigma: {folder / '1.md'} {wanted}")
