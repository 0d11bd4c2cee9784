"""The module tree: order, ancestry, and where a module may hang; also in data that is broken."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.errors import Conflict
from twosigma.domain.modules import (
    Module,
    ModuleFields,
    ModuleType,
    Spot,
    ancestry,
    height,
    is_live,
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
    """Require the place of a new module among these."""
    fields = ModuleFields(course_id=1, parent_module_id=parent, title="New", module_type=kind)
    root = next((one for one in modules if one.module_type is ModuleType.COURSE_ROOT), None)
    path = () if parent is None else ancestry(parent, by_id(modules).get)
    require_place(fields, Spot(path=path, root=root))


def move(module_id: int, parent: int | None, modules: list[Module]) -> None:
    """Require the place of one of these, with all below it, under another parent."""
    known = by_id(modules)
    below = [one for one in modules if known[module_id] in ancestry(one.id, known.get)]
    path = () if parent is None else ancestry(parent, known.get)
    moved = structs.replace(known[module_id], parent_module_id=parent)
    require_place(moved, Spot(path=path, subtree=below))


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
    modules = by_id([module(1), module(2, 1), module(3, 2), module(9)]).get
    assert [one.id for one in ancestry(3, modules)] == [1, 2, 3]
    assert [one.id for one in ancestry(1, modules)] == [1]
    assert ancestry(4, modules) == []


def test_a_cycle_in_the_data_ends_every_walk() -> None:
    ring = [module(1, 3), module(2, 1), module(3, 2)]
    assert [one.id for one in ancestry(3, by_id(ring).get)] == [1, 2, 3]
    assert [one.id for one in ancestry(1, by_id([module(1, 1)]).get)] == [1]
    assert pre_order([*ring, module(4)]) == [module(4)]
    place(1, ring)
    assert height(ring) == 0


def test_what_is_archived_hides_all_below_it() -> None:
    modules = by_id([module(1), module(2, 1, is_archived=True), module(3, 2), module(4, 1)]).get
    assert [one for one in range(1, 6) if is_live(ancestry(one, modules))] == [1, 4]


def test_a_parent_must_be_in_the_course() -> None:
    place(None, [])
    place(1, [module(1)])
    with pytest.raises(Conflict, match="another course"):
        place(1, [structs.replace(module(1), course_id=2)])


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


def test_levels_are_counted_from_the_top_of_a_branch() -> None:
    assert height([]) == 0
    assert height([module(7, 3)]) == 1
    assert height([module(9, 8), module(7, 3), module(8, 7), module(6, 7)]) == 3


def test_a_branch_moves_whole_and_stays_10_deep() -> None:
    modules = [*line(8), module(20), module(21, 20), module(22, 21)]
    move(20, 7, modules)
    with pytest.raises(Conflict, match="10 deep"):
        move(20, 8, modules)
    move(21, 8, modules)
    move(5, None, modules)


def test_a_module_does_not_hang_below_itself() -> None:
    for parent in (3, 4, 8):
        with pytest.raises(Conflict, match="below itself"):
            move(3, parent, line(8))
    move(3, 1, line(8))


def test_the_root_of_a_course_may_stay_it() -> None:
    root = module(1, kind=ModuleType.COURSE_ROOT)
    require_place(root, Spot(subtree=[root, module(2, 1)], root=root))
    other = module(3, kind=ModuleType.COURSE_ROOT)
    with pytest.raises(Conflict, match="already"):
        require_place(other, Spot(subtree=[other], root=root))


parents = st.lists(st.none() | st.integers(1, 8), max_size=8)


@settings(max_examples=80)
@given(parents)
def test_in_any_data_walks_end_and_agree(listed: list[int | None]) -> None:
    modules = [module(n, parent, n % 3) for n, parent in enumerate(listed, start=1)]
    known = by_id(modules)
    ordered = [one.id for one in pre_order(modules)]
    assert len(set(ordered)) == len(ordered)
    for one in modules:
        path = ancestry(one.id, known.get)
        assert path[-1] is one
        assert all(below.parent_module_id == above.id for above, below in pairwise(path))
        is_rooted = path[0].parent_module_id is None
        assert (one.id in ordered) == is_rooted
        if is_rooted:
            places = [ordered.index(above.id) for above in path]
            assert places == sorted(places)


@settings(max_examples=80)
@given(parents, st.integers(1, 8), st.none() | st.integers(1, 8))
def test_what_is_moved_leaves_a_tree(listed: list[int | None], at: int, to: int | None) -> None:
    modules = [module(n, parent) for n, parent in enumerate(listed, start=1) if parent != n]
    known = by_id(modules)
    rooted = {one.id for one in pre_order(modules)}
    if at not in rooted or (to is not None and to not in rooted):
        return
    try:
        move(at, to, modules)
    except Conflict:
        assert to is not None
        assert known[at] in ancestry(to, known.get)
        return
    after = known | {at: structs.replace(known[at], parent_module_id=to)}
    assert {one.id for one in pre_order(after.values())} == rooted
