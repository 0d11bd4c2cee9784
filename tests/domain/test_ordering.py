"""The order of siblings."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.content import Item
from twosigma.domain.errors import Conflict, Invalid
from twosigma.domain.modules import Module
from twosigma.domain.ordering import (
    MAX_INDEX,
    MAX_ORDER,
    checked_order,
    index_fault,
    next_index,
    reordered,
)
from twosigma.domain.values import MAX_ID

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
LOC = ("body", "module_ids")


def module(module_id: int, index: int = 0, **fields: Any) -> Module:
    return Module(
        id=module_id, course_id=1, title="M", sequence_index=index, created_at=NOW,
        updated_at=NOW, **fields,
    )  # fmt: skip


def faults(ids: list[int]) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Invalid) as refused:
        checked_order(ids, LOC)
    return [(fault.loc, fault.type) for fault in refused.value.faults]


def test_a_new_one_goes_behind_its_siblings() -> None:
    assert next_index([]) == 0
    assert next_index([0, 7, 3]) == 8


@pytest.mark.parametrize(
    ("index", "types"),
    [
        (0, []), (MAX_INDEX, []), (-1, ["value_error.number.not_ge"]),
        (MAX_INDEX + 1, ["value_error.number.not_le"]),
    ],
)  # fmt: skip
def test_an_index_has_31_bits(index: int, types: list[str]) -> None:
    assert [fault.type for fault in index_fault(index)] == types


def test_an_order_names_1_to_1000_ids() -> None:
    assert checked_order([MAX_ID, 1], LOC) == [MAX_ID, 1]
    assert len(checked_order([1] * MAX_ORDER, LOC)) == MAX_ORDER
    assert faults([]) == [(LOC, "value_error")]
    assert faults([1] * (MAX_ORDER + 1)) == [(LOC, "value_error.list.max_items")]
    ends = [((*LOC, at), "value_error.number.not_ge") for at in (0, 2)]
    assert faults([0, 1, MAX_ID + 1]) == ends


def test_the_siblings_come_in_the_order_asked_for() -> None:
    siblings = [module(1, 5), module(2, 1), module(3, 5), module(4, 9, is_archived=True)]
    rows = reordered([3, 2, 1], siblings, LATER)
    assert [(row.id, row.sequence_index) for row in rows] == [(3, 0), (2, 1), (1, 2)]
    assert [row.updated_at for row in rows] == [LATER, NOW, LATER], "the second did not move"


@pytest.mark.parametrize("ids", [[1], [1, 2, 2], [1, 2, 3], [1, 3], [1, 2, 9], [2, 1, 1]])
def test_each_live_sibling_is_named_once(ids: list[int]) -> None:
    with pytest.raises(Conflict):
        reordered(ids, [module(1), module(2), module(3, is_archived=True)], LATER)


@given(st.permutations(range(1, 7)))
def test_any_order_of_items_has_indexes_without_gaps(ids: list[int]) -> None:
    items = [
        Item(id=n, course_id=1, module_id=1, content_type_id=1, title="I", created_at=NOW,
             updated_at=NOW)
        for n in range(1, 7)
    ]  # fmt: skip
    rows = reordered(ids, items, LATER)
    assert [row.id for row in rows] == ids
    assert [row.sequence_index for row in rows] == list(range(6))
