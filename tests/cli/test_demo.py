"""`twosigma demo`, `import` and `cache` over a real course."""

import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from tests.adapters.oatutor_tree import Tree
from tests.cli.conftest import Twosigma
from twosigma.adapters.cli.demo import read_passwords

ROLES = ["STUDENT", "STUDENT", "INSTRUCTOR", "PLATFORM_ADMIN"]


def accounts_in(out: str) -> list[list[str]]:
    return [line.split("  ") for line in out.splitlines() if "@demo.example" in line]


def test_the_demo_is_loaded_twice_and_stays_one(twosigma: Twosigma, demo: Path) -> None:
    file = demo / "demo-accounts.txt"
    kept = file.read_text()
    again = twosigma("demo", "load")
    assert again.code == 0
    assert "known already" in again.out
    assert re.search(r"items +0 added, 0 updated, [1-9]\d* unchanged", again.out)
    accounts = accounts_in(again.out)
    assert [role for role, _, _ in accounts] == ROLES
    assert len({password for _, _, password in accounts}) == 4
    assert file.read_text() == kept == "".join(f"{'  '.join(one)}\n" for one in accounts)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_lost_file_of_passwords_is_told_and_how_to_go_on(twosigma: Twosigma, demo: Path) -> None:
    (demo / "demo-accounts.txt").unlink()
    again = twosigma("demo", "load")
    assert again.code == 0
    assert [password for _, _, password in accounts_in(again.out)] == ["?"] * 4
    assert "twosigma users create" in again.out


def test_a_file_without_its_database_gives_the_same_passwords(
    twosigma: Twosigma, demo: Path
) -> None:
    kept = read_passwords(demo / "demo-accounts.txt")
    assert twosigma("db", "downgrade", "base").code == 0
    assert twosigma("db", "upgrade").code == 0
    again = twosigma("demo", "load")
    assert {email: password for _, email, password in accounts_in(again.out)} == kept


def small_course(folder: Path) -> Path:
    """Two questions, of which one cannot be asked."""
    tree = Tree(folder)
    tree.step(tree.problem("one") + "a", "4")
    tree.step(tree.problem("two") + "a", "$$x^2$$")
    return tree.finish()


def test_a_course_is_brought_in_and_reported(twosigma: Twosigma, tmp_path: Path) -> None:
    folder = str(small_course(tmp_path / "course"))
    twosigma("db", "upgrade")
    first = twosigma("import", "oatutor", folder)
    assert first.code == 0, first.err
    assert "Small Algebra: course 1, new" in first.out
    assert "  skipped  1\n    algebra: 1\n      twoa: " in first.out
    assert "Storing: 100 %" in first.err
    second = twosigma("import", "oatutor", folder)
    assert "course 1, known already" in second.out
    assert "added, 0 updated," in second.out
    assert "1 added" not in second.out


def test_a_row_that_was_edited_here_is_kept_and_named(
    twosigma: Twosigma, tmp_path: Path, var: Path
) -> None:
    folder = str(small_course(tmp_path / "course"))
    twosigma("db", "upgrade")
    twosigma("import", "oatutor", folder)
    with closing(sqlite3.connect(var / "twosigma.db")) as edited:
        edited.execute("UPDATE content_items SET title = 'Ours' WHERE id = 1")
        edited.commit()
    again = twosigma("import", "oatutor", folder)
    assert "kept as edited here: item 1 (the source has it as before)" in again.out


def test_a_broken_course_is_one_line_and_nothing_is_stored(
    twosigma: Twosigma, tmp_path: Path
) -> None:
    twosigma("db", "upgrade")
    broken = tmp_path / "course" / "coursePlans.json"
    broken.parent.mkdir()
    broken.write_text('[{"courseName":')
    ended = twosigma("import", "oatutor", str(broken.parent))
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "coursePlans.json" in ended.err
    assert twosigma("import", "oatutor", str(tmp_path / "none")).code == 1


def test_the_cache_of_an_item_nobody_learned_is_empty(twosigma: Twosigma, demo: Path) -> None:
    assert twosigma("cache", "show", "--content", "1").out.startswith("Nothing is cached")
    assert twosigma("cache", "show", "--content", "99999").code == 1
    assert twosigma("cache", "prune").out == "Deleted 0 trees with 0 replies.\n"
