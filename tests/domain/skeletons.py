"""Skeletons of courses, drawn by Hypothesis, and how far somebody is in them."""

from hypothesis import strategies as st
from msgspec import Struct

from twosigma.domain.completeness import Skeleton, SkeletonItem, SkeletonModule


def module(
    module_id: int, parent: int | None = None, index: int = 0, *, is_archived: bool = False
) -> SkeletonModule:
    return SkeletonModule(
        id=module_id, title=f"Module {module_id}", parent_module_id=parent, sequence_index=index,
        is_archived=is_archived,
    )  # fmt: skip


def item(
    item_id: int, module_id: int, index: int = 0, *, is_archived: bool = False
) -> SkeletonItem:
    return SkeletonItem(
        id=item_id, module_id=module_id, sequence_index=index, is_archived=is_archived
    )


class Scene(Struct, frozen=True):
    """A course, and percents of its items and of its modules' own rows."""

    skeleton: Skeleton
    percents: dict[int, int]
    own: dict[int, int]


_percents = st.sampled_from([0, 33, 99, 100])
_rarely = st.sampled_from([False, False, False, True])


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    modules: list[SkeletonModule] = []
    items: list[SkeletonItem] = []
    for module_id in range(1, draw(st.integers(0, 9)) + 1):
        parent = draw(st.none() | st.integers(1, module_id - 1)) if module_id > 1 else None
        index, is_archived = draw(st.integers(0, 2)), draw(_rarely)
        modules.append(module(module_id, parent, index, is_archived=is_archived))
        for _ in range(draw(st.integers(0, 3))):
            index, is_archived = draw(st.integers(0, 2)), draw(_rarely)
            items.append(item(len(items) + 1, module_id, index, is_archived=is_archived))
    return Scene(
        Skeleton(modules=draw(st.permutations(modules)), items=draw(st.permutations(items))),
        draw(st.dictionaries(st.sampled_from([each.id for each in items] or [1]), _percents)),
        draw(st.dictionaries(st.sampled_from([each.id for each in modules] or [1]), _percents)),
    )
