"""Databases with a small course in them, for a service that is a process of its own."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.service.lecture import Lecture, lecture_over


@pytest.fixture(params=["sqlite", "postgresql"])
def lecture_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of the test's own."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    file = tmp_path / "lecture.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), file)
    return f"sqlite:///{file}"


@pytest.fixture
async def lecture(lecture_url: str, tmp_path: Path) -> AsyncIterator[Lecture]:
    """A course with learners."""
    async with lecture_over(lecture_url, tmp_path) as made:
        yield made
