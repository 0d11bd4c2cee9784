"""The answers in `docs/api` are those that the requests there get; `python -m tests.pages`
writes them anew."""

from pathlib import Path

import pytest

from tests.pages.pages import filled, pages
from twosigma.adapters.http.app import GROUPS


def read(page: Path) -> str:
    return page.read_text("utf-8")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
async def test_a_pages_answers_are_what_its_requests_get(page: Path) -> None:
    text = read(page)
    assert await filled(text) == text
    assert "HTTP/1.1 2" in text
    assert "HTTP/1.1 5" not in text


def test_every_group_has_its_page() -> None:
    titles = {read(page).splitlines()[0].removeprefix("# ") for page in pages()}
    assert titles == {group.tag for group in GROUPS if group.tag != "Service"}
