"""What the project stands on: locked, hashed, chosen on purpose."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> dict[str, str]:
    """Each requirement of a lock, with all that is said of it."""
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    return {re.split(r"[=\[]", entry)[0]: entry for entry in entries}


@pytest.mark.parametrize("lock", LOCKS)
def test_f126_a_lock_holds_names_versions_and_hashes_and_no_address(lock: str) -> None:
    assert locked(lock)
    for entry in locked(lock).values():
        assert re.match(r"[a-z0-9.-]+==[0-9]\S*", entry), entry
        assert "--hash=sha256:" in entry
        assert "://" not in entry


def test_f126_both_locks_agree() -> None:
    small, large = (locked(lock) for lock in LOCKS)
    assert {name: large.get(name) for name in small} == small


def test_f126_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["build"], *groups["dev"]]
    page = (ROOT / "docs/dependencies.md").read_text()
    names = [re.split(r"[<>=\[;]", one)[0] for one in asked]
    assert [name for name in names if name not in page] == []
    assert [name for name in names if name not in locked(LOCKS[1])] == []
