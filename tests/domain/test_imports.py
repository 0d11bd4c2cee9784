"""The plan of a repeated import: what follows the source, what is left, and that it settles."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from twosigma.domain.errors import DomainError
from twosigma.domain.imports import (
    BrokenImport,
    ExistingRow,
    Plan,
    course_digest,
    item_digest,
    module_digest,
    plan,
)


class Entry(Struct, frozen=True):
    """A row of a source whose only field is `text`."""

    external_id: str
    text: str

    @property
    def digest(self) -> str:
        return digest(self.text, is_archived=False)


class Stored(Struct, frozen=True):
    """A row of a table that keeps what an import must keep."""

    text: str
    import_digest: str
    is_archived: bool


Table = dict[str, Stored]


def digest(text: str, *, is_archived: bool) -> str:
    return f"{text}/{is_archived}"


def rows(table: Table) -> list[ExistingRow]:
    return [
        ExistingRow(
            id=number,
            external_id=key,
            import_digest=stored.import_digest,
            current_digest=digest(stored.text, is_archived=stored.is_archived),
            is_archived=stored.is_archived,
        )
        for number, (key, stored) in enumerate(table.items())
    ]


def applied(table: Table, todo: Plan[Entry]) -> Table:
    """The table after the plan, written by the one rule of the module's text."""
    after = dict(table)
    written = [*todo.add, *(change.imported for change in (*todo.update, *todo.revive))]
    for entry in written:
        after[entry.external_id] = Stored(entry.text, entry.digest, is_archived=False)
    for row in todo.archive:
        text = table[row.external_id].text
        after[row.external_id] = Stored(text, digest(text, is_archived=True), is_archived=True)
    return after


def imported(table: Table, source: dict[str, str]) -> Table:
    return applied(table, plan(rows(table), entries(source)))


def entries(source: dict[str, str]) -> list[Entry]:
    return [Entry(key, text) for key, text in source.items()]


keys = st.sampled_from("abcdef")
texts = st.sampled_from(["one", "two", "three"])
sources = st.dictionaries(keys, texts)
tables = st.dictionaries(
    keys,
    st.builds(
        Stored,
        text=texts,
        import_digest=st.builds(digest, texts, is_archived=st.booleans()),
        is_archived=st.booleans(),
    ),
)


@given(tables, sources)
def test_a_second_import_of_the_same_source_writes_nothing(
    table: Table, source: dict[str, str]
) -> None:
    after = imported(table, source)
    assert plan(rows(after), entries(source)).is_noop


@given(tables, sources)
def test_a_row_edited_here_keeps_its_text_and_its_place(
    table: Table, source: dict[str, str]
) -> None:
    after = imported(table, source)
    for row in rows(table):
        was, now = table[row.external_id], after[row.external_id]
        if row.is_edited:
            assert (now.text, now.is_archived) == (was.text, was.is_archived)


@given(sources, sources)
def test_an_untouched_row_follows_the_source(first: dict[str, str], second: dict[str, str]) -> None:
    after = imported(imported({}, first), second)
    assert {k: s.text for k, s in after.items() if not s.is_archived} == second
    assert {k for k, s in after.items() if s.is_archived} == first.keys() - second.keys()


@given(sources, sources)
def test_a_row_that_comes_back_is_revived(first: dict[str, str], between: dict[str, str]) -> None:
    archived = imported(imported({}, first), between)
    todo = plan(rows(archived), entries(first))
    assert {c.row.external_id for c in todo.revive} == first.keys() - between.keys()
    after = applied(archived, todo)
    assert {k: s.text for k, s in after.items() if not s.is_archived} == first


@given(tables, sources)
def test_every_row_has_exactly_one_fate(table: Table, source: dict[str, str]) -> None:
    todo = plan(rows(table), entries(source))
    fates = [entry.external_id for entry in todo.add]
    fates += [c.row.external_id for c in (*todo.update, *todo.revive)]
    fates += [row.external_id for row in (*todo.unchanged, *todo.archive)]
    fates += [kept.row.external_id for kept in todo.kept]
    assert sorted(fates) == sorted(table.keys() | source.keys())


@given(tables, sources)
def test_every_edited_row_is_reported_or_already_as_the_source_has_it(
    table: Table, source: dict[str, str]
) -> None:
    todo = plan(rows(table), entries(source))
    kept = {k.row.external_id for k in todo.kept}
    edited = {row.external_id for row in rows(table) if row.is_edited}
    assert kept <= edited
    for key in edited - kept:
        stored = table[key]
        assert digest(stored.text, is_archived=stored.is_archived) == Entry(key, source[key]).digest


def test_a_row_archived_by_hand_is_not_revived_by_its_source() -> None:
    table = imported({}, {"a": "one"})
    table["a"] = structs.replace(table["a"], is_archived=True)
    assert [k.source for k in plan(rows(table), entries({"a": "two"})).kept] == ["changed"]
    assert [k.source for k in plan(rows(table), entries({"a": "one"})).kept] == ["same"]
    assert [k.source for k in plan(rows(table), entries({})).kept] == ["gone"]


def test_what_is_added_keeps_the_order_of_the_source() -> None:
    todo = plan([], entries({"root": "one", "child": "two", "grandchild": "three"}))
    assert [entry.external_id for entry in todo.add] == ["root", "child", "grandchild"]


MODULE: dict[str, Any] = {
    "parent_external_id": "root",
    "title": "T",
    "description": "D",
    "module_type": "LESSON",
    "sequence_index": 1,
    "is_archived": False,
}
ITEM: dict[str, Any] = {
    "module_external_id": "m",
    "title": "T",
    "description": "D",
    "content_type": "quiz",
    "data": {"questions": [{"id": 1, "prompt": "P"}]},
    "sequence_index": 1,
    "estimated_duration_seconds": 60,
    "is_archived": False,
}
COURSE: dict[str, Any] = {
    "title": "T",
    "code": "C",
    "description": "D",
    "level": "INTRODUCTORY",
    "locales": ("en",),
    "license": "CC BY 4.0",
    "attribution": "By them",
}
OTHER: dict[str, Any] = {
    "is_archived": True,
    "sequence_index": 2,
    "data": {"questions": []},
    "locales": ("es",),
}


@pytest.mark.parametrize(
    ("take", "fields"), [(module_digest, MODULE), (item_digest, ITEM), (course_digest, COURSE)]
)
def test_a_digest_moves_with_each_of_its_fields(
    take: Callable[..., str], fields: dict[str, Any]
) -> None:
    digests = {take(**fields)}
    for name in fields:
        digests.add(take(**{**fields, name: OTHER.get(name)}))
    assert len(digests) == len(fields) + 1


def test_the_order_of_keys_in_data_is_no_matter() -> None:
    turned = {**ITEM, "data": {"questions": [{"prompt": "P", "id": 1}]}}
    assert item_digest(**turned) == item_digest(**ITEM)


def test_the_locales_may_come_back_as_a_list() -> None:
    assert course_digest(**{**COURSE, "locales": ["en"]}) == course_digest(**COURSE)


def test_a_broken_import_says_which_file_where_and_what_in_one_line() -> None:
    error = BrokenImport("plan.json", "not JSON\n(oops)", "line 3, column 7")
    assert isinstance(error, DomainError)
    assert error.detail == "plan.json, line 3, column 7: not JSON (oops)"
    assert BrokenImport("plan.json", "is missing").detail == "plan.json: is missing"


def test_a_name_that_is_no_text_can_still_be_printed() -> None:
    assert BrokenImport("caf\udce9.json", "is a link").detail == "caf\\udce9.json: is a link"
