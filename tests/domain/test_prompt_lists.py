"""Prompts in lists."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import NOW, version
from twosigma.domain.prompt_lists import Numbered, PromptFilter, fits, grouped, labels_of
from twosigma.domain.prompts import PromptVersion


@pytest.mark.parametrize(
    ("name", "is_found"),
    [("tut", True), ("TÜTOR", True), ("Tu\u0308t", True), ("%", False), ("_", False), ("", True)],
)
def test_a_name_is_found_by_its_part_in_any_case(name: str, is_found: bool) -> None:
    assert fits(version("My Tütor tut"), PromptFilter(name=name)) == is_found
    literal = version("50%_off")
    assert fits(literal, PromptFilter(name="%_O"))


def test_every_filter_must_fit_the_same_version() -> None:
    head = structs.replace(version("A", labels=("x", "latest")), tags=("t",))
    for wanted, is_found in (
        (PromptFilter(), True), (PromptFilter(label="x", tag="t", name="a"), True),
        (PromptFilter(label="X"), False), (PromptFilter(tag="u"), False),
        (PromptFilter(label="x", tag="u"), False),
    ):  # fmt: skip
        assert fits(head, wanted) == is_found


def test_a_whole_name_a_number_and_a_span_of_time_are_exact() -> None:
    head, moment = version("A b", number=3), timedelta(microseconds=1)
    changed = head.updated_at
    for wanted, is_found in (
        (PromptFilter(exact="A b"), True), (PromptFilter(exact="A"), False),
        (PromptFilter(exact="a b"), False), (PromptFilter(exact="A b", name="x"), False),
        (PromptFilter(version=3), True), (PromptFilter(version=1), False),
        (PromptFilter(updated_from=changed), True),
        (PromptFilter(updated_from=changed + moment), False),
        (PromptFilter(updated_before=changed), False),
        (PromptFilter(updated_before=changed + moment), True),
    ):  # fmt: skip
        assert fits(head, wanted) == is_found


def test_a_group_tells_of_its_versions() -> None:
    old = version("B", number=1, labels=("z", "b"))
    new = structs.replace(version("B", number=10, labels=("a", "latest"), kind="chat"), tags=("t",))
    late = structs.replace(old, updated_at=NOW + timedelta(days=1))
    first, second = grouped([new, version("a"), late])
    assert (first.name, second.name) == ("B", "a"), "by code points"
    assert first.versions == (1, 10)
    assert first.labels == ("a", "b", "z", "latest")
    assert (first.type, first.tags, first.newest_id) == ("chat", ("t",), new.id)
    assert first.last_updated_at == late.updated_at


def test_labels_are_told_once_and_latest_last() -> None:
    assert labels_of([]) == ()
    heads = [version("A", labels=("z", "latest")), version("B", labels=("a", "latest"))]
    assert labels_of(heads) == ("a", "z", "latest")


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_pages_put_together_are_the_list(rows: list[int], size: int) -> None:
    pages = [rows[Numbered(page=page, size=size).rows] for page in range(1, 32)]
    assert [row for page in pages for row in page] == rows
    assert all(len(page) <= size for page in pages)


versions = st.lists(
    st.builds(
        version, st.sampled_from("AbC"), st.just(""), st.integers(1, 5),
        labels=st.sampled_from([(), ("x",), ("x", "y")]),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)  # fmt: skip


@given(versions, st.sampled_from([None, "x", "y"]))
def test_every_version_that_fits_is_in_one_group(
    stored: list[PromptVersion], label: str | None
) -> None:
    fit = [one for one in stored if fits(one, PromptFilter(label=label))]
    groups = grouped(fit)
    told = [(group.name, number) for group in groups for number in group.versions]
    assert told == sorted((one.name, one.version) for one in fit)
    assert all(label is None or label in group.labels for group in groups)
