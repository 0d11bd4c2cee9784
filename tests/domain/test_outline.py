"""The outline of a course."""

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_modules import by_id, module
from twosigma.domain.content import ItemSummary
from twosigma.domain.modules import Module, ancestry, is_live, pre_order
from twosigma.domain.outline import Outline, live_modules, outline


def item(item_id: int, module_id: int, index: int = 0) -> ItemSummary:
    return ItemSummary(
        id=item_id, module_id=module_id, content_type_id=1, title="I", sequence_index=index
    )


def shape(trees: Iterable[Outline]) -> list[Any]:
    return [
        (tree.module.id, [each.id for each in tree.items], shape(tree.children)) for tree in trees
    ]


def test_modules_hold_their_items_and_the_modules_below_them_in_order() -> None:
    modules = [module(1, index=1), module(2, index=0), module(3, 1, 5), module(4, 1, 2)]
    items = [item(1, 4, 2), item(2, 4, 1), item(3, 1), item(4, 9)]
    assert shape(outline(pre_order(modules), items)) == [
        (2, [], []), (1, [3], [(4, [2, 1], []), (3, [], [])]),
    ]  # fmt: skip
    assert outline([], items) == ()


def test_what_is_archived_takes_all_below_it_along() -> None:
    modules = [module(1), module(2, 1, is_archived=True), module(3, 2), module(4, 1)]
    assert [one.id for one in live_modules(modules)] == [1, 4]
    assert shape(outline(live_modules(modules), [item(1, 3)])) == [(1, [], [(4, [], [])])]


@given(st.lists(st.tuples(st.none() | st.integers(1, 8), st.booleans()), max_size=8))
def test_the_outline_has_just_what_is_live(listed: list[tuple[int | None, bool]]) -> None:
    modules = [
        module(n, parent, n % 3, is_archived=is_archived)
        for n, (parent, is_archived) in enumerate(listed, start=1)
    ]
    known = by_id(modules)

    def is_seen(one: Module) -> bool:
        path = ancestry(one.id, known.get)
        return is_live(path) and path[0].parent_module_id is None

    ordered = live_modules(modules)
    assert [one.id for one in ordered] == [one.id for one in pre_order(modules) if is_seen(one)]
    assert _flat(outline(ordered, ())) == [one.id for one in ordered]


def _flat(trees: Iterable[Outline]) -> list[int]:
    return [each for tree in trees for each in (tree.module.id, *_flat(tree.children))]
