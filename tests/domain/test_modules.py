"""The module tree: order, ancestry, and where a module may hang; also in data that is broken."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twosigma.domain.errors import Conflict
from twosigma.domain.modules import (
    Module,
    ModuleFields,
    ModuleType,
    ancestry,
    is_visible,
    next_index,
    pre_order,
    require_place,
    siblings_order,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def module(
    module_id: int, parent: int | None = None, index: int = 0, *, is_archived: bool = False,
    kind: ModuleType = ModuleType.UNIT,
) -> Module:  # fmt: skip
    return Module(
        id=module_id, course_id=1, parent_module_id=parent, title=f"M{module_id}",
        module_type=kind, sequence_index=index, is_archived=is_archived, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip


def by_id(modules: list[Module]) -> dict[int, Module]:
    return {one.id: one for one in modules}


def place(parent: int | None, modules: list[Module], kind: ModuleType = ModuleType.UNIT) -> None:
    fields = ModuleFields(course_id=1, parent_module_id=parent, title="New", module_type=kind)
    require_place(fields, modules)


def line(length: int) -> list[Module]:
    return [module(n, n - 1 if n > 1 else None) for n in range(1, length + 1)]


def test_modules_come_depth_first_by_index_and_then_by_id() -> None:
    listed = [
        module(1, None, 1), module(2, None, 0), module(3, 1, 5), module(4, 1, 2), module(5, 3),
        module(7, 2), module(6, 2),
    ]  # fmt: skip
    assert [one.id for one in pre_order(listed)] == [2, 6, 7, 1, 4, 3, 5]
    assert pre_order([]) == []
    assert siblings_order(module(3, None, 5)) == (5, 3)


def test_the_way_down_to_a_module_begins_at_its_root() -> None:
    modules = by_id([module(1), module(2, 1), module(3, 2), module(9)])
    assert [one.id for one in ancestry(3, modules)] == [1, 2, 3]
    assert [one.id for one in ancestry(1, modules)] == [1]
    assert ancestry(4, modules) == []


def test_a_cycle_in_the_data_ends_every_walk() -> None:
    ring = [module(1, 3), module(2, 1), module(3, 2)]
    assert [one.id for one in ancestry(3, by_id(ring))] == [1, 2, 3]
    assert [one.id for one in ancestry(1, by_id([module(1, 1)]))] == [1]
    assert pre_order([*ring, module(4)]) == [module(4)]
    place(1, ring)


def test_what_is_archived_hides_all_below_it() -> None:
    modules = by_id([module(1), module(2, 1, is_archived=True), module(3, 2), module(4, 1)])
    assert [one for one in range(1, 6) if is_visible(one, modules)] == [1, 4]


def test_a_parent_must_be_in_the_course() -> None:
    place(None, [])
    place(1, [module(1)])
    with pytest.raises(Conflict, match="another course"):
        place(2, [module(1)])


def test_modules_nest_10_deep_and_no_deeper() -> None:
    place(9, line(9))
    place(9, line(10))
    with pytest.raises(Conflict, match="10 deep"):
        place(10, line(10))


def test_a_course_has_one_root_and_it_has_no_parent() -> None:
    root = module(1, kind=ModuleType.COURSE_ROOT)
    place(None, [module(1)], ModuleType.COURSE_ROOT)
    with pytest.raises(Conflict, match="no parent"):
        place(1, [module(1)], ModuleType.COURSE_ROOT)
    with pytest.raises(Conflict, match="already"):
        place(None, [root], ModuleType.COURSE_ROOT)
    place(None, [root])
    place(1, [root])


def test_a_new_module_goes_behind_its_siblings() -> None:
    assert next_index([]) == 0
    assert next_index([0, 7, 3]) == 8


parents = st.lists(st.none() | st.integers(1, 8), max_size=8)


@settings(max_examples=80)
@given(parents)
def test_in_any_data_walks_end_and_agree(listed: list[int | None]) -> None:
    modules = [module(n, parent, n % 3) for n, parent in enumerate(listed, start=1)]
    known = by_id(modules)
    ordered = [one.id for one in pre_order(modules)]
    assert len(set(ordered)) == len(ordered)
    for one in modules:
        path = ancestry(one.id, known)
        assert path[-1] is one
        assert all(below.parent_module_id == above.id for above, below in pairwise(path))
        is_rooted = path[0].parent_module_id is None
        assert (one.id in ordered) == is_rooted
        if is_rooted:
            places = [ordered.index(above.id) for above in path]
            assert places == sorted(places)
