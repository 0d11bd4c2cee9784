"""The answers in `docs/api` are those that the requests there get; `python -m tests.pages`
writes them anew."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.pages import FOLDER, filled, pages, requests_of
from twosigma.adapters.http.app import GROUPS
from twosigma.adapters.http.errors import CODES, STATUS
from twosigma.domain.errors import DomainError
from twosigma.domain.imports import BrokenImport

OVERVIEW = FOLDER / "README.md"
ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| `(\w+)` \| ([\d, ]+) \|", re.MULTILINE)

OF_GROUPS = {group.tag for group in GROUPS if group.tag != "Service"}


def read(page: Path) -> str:
    return page.read_text("utf-8")


def title_of(page: Path) -> str:
    return read(page).splitlines()[0].removeprefix("# ")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
async def test_a_pages_answers_are_what_its_requests_get(page: Path) -> None:
    text = read(page)
    assert await filled(text) == text
    assert "HTTP/1.1 2" in text
    assert "HTTP/1.1 4" in text
    assert "HTTP/1.1 5" not in text


def test_every_group_has_its_page() -> None:
    assert {title_of(page) for page in pages() if page != OVERVIEW} == OF_GROUPS


def test_the_overview_links_to_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", read(OVERVIEW)))
    assert linked == {page.name for page in pages() if page != OVERVIEW}


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    assert [
        f"{page.relative_to(ROOT)}: {link}"
        for page in documents
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", read(page))
        if not (page.parent / link).exists()
    ] == []


@pytest.mark.parametrize("tag", sorted(OF_GROUPS))
def test_a_page_asks_every_route_of_its_group(tag: str) -> None:
    (page,) = [page for page in pages() if title_of(page) == tag]
    asked = [request.split(maxsplit=2)[:2] for request in requests_of(read(page))]
    routes = [route for group in GROUPS if group.tag == tag for route in group.routes]
    assert [
        f"{route.method} {route.path}"
        for route in routes
        if not any(
            method == route.method and _form_of(route.path).fullmatch(path.split("?")[0])
            for method, path in asked
        )
    ] == []


def _form_of(path: str) -> re.Pattern[str]:
    """What a request's path looks like; a parameter is a number, or looks like no fixed word."""
    return re.compile(re.sub(r"\{(\w+)\}", lambda found: _FORMS.get(found[1], r"\d+"), path))


_FORMS = {
    "prompt_name": "[A-Z][^/]*", "share_token": r"token-\d+",
    "auth_session_id": r"[\da-f]+(-[\da-f]+)+",
}  # fmt: skip


def test_the_table_of_error_codes_is_complete() -> None:
    told = {
        (code, int(status))
        for code, statuses in _ROW.findall(read(OVERVIEW))
        for status in statuses.split(", ")
    }
    plain = {(code, status) for status, code in CODES.items()} | {("bad_request", 400)}
    assert told == set(_codes_in_source()) | plain


def _codes_in_source() -> Iterator[tuple[str, int]]:
    """Each code with the status it is answered with, from the errors and from where they are
    made."""
    statuses = {kind.__name__: _status_of(kind) for kind in _kinds(DomainError)}
    for kind in _kinds(DomainError):
        yield kind.code, statuses[kind.__name__]
    for source in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made = statuses.get(node.func.id)
                yield from ((code, made) for code in _words(node) if made is not None)


def _kinds(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    """The errors below this one that HTTP answers."""
    for below in kind.__subclasses__():
        if below is not BrokenImport:  # of the command line
            yield below
            yield from _kinds(below)


def _status_of(kind: type[DomainError]) -> int:
    return next(STATUS[one] for one in kind.__mro__ if one in STATUS)


def _words(call: ast.Call) -> Iterator[str]:
    for given in call.keywords:
        if given.arg == "code" and isinstance(given.value, ast.Constant):
            yield str(given.value.value)
