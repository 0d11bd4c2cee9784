"""How far somebody is: examples, then against a plain model."""

from fractions import Fraction
from math import floor

from hypothesis import given

from tests.domain.skeletons import Scene, item, module, scenes
from twosigma.domain.completeness import (
    Skeleton,
    SkeletonItem,
    SkeletonModule,
    Standing,
    Tally,
    is_mastered_by_progress,
    live_items,
    live_modules,
    path_percents,
    standing,
    tallied,
)

COURSE = Skeleton(
    modules=[
        module(1),
        module(2, 1, 1),
        module(3, 1, 0),
        module(4, 3),
        module(5, 1, 2, is_archived=True),
        module(6, 5),
    ],
    items=[
        item(10, 2),
        item(11, 4, 1),
        item(12, 4, 0),
        item(13, 1, 5),
        item(14, 4, 2, is_archived=True),
        item(15, 6),
    ],
)


def percents_of(known: Standing) -> dict[int, int]:
    return {each.module.id: each.progress_percent for each in known.modules}


def test_live_items_come_module_by_module_and_a_module_s_own_come_first() -> None:
    assert [each.id for each in live_modules(COURSE)] == [1, 3, 4, 2]
    ordered = {key: [each.id for each in value] for key, value in live_items(COURSE).items()}
    assert ordered == {1: [13], 3: [], 4: [12, 11], 2: [10]}


def test_a_new_learner_has_everything_to_do() -> None:
    known = standing(COURSE, {})
    assert known.tally == Tally(items_total=4)
    assert (known.tally.percent, known.tally.is_complete) == (0, False)
    assert known.next_content_item_id == 13
    assert percents_of(known) == {1: 0, 3: 0, 4: 0, 2: 0}


def test_a_module_is_as_far_as_the_items_below_it_are_in_the_mean() -> None:
    known = standing(COURSE, {13: 100, 12: 100, 11: 99, 10: 50, 14: 100, 15: 100})
    assert percents_of(known) == {1: 87, 3: 99, 4: 99, 2: 50}
    assert known.tally == Tally(items_total=4, items_completed=2, percent_sum=349)
    assert known.next_content_item_id == 11


def test_all_but_one_percent_is_not_complete_and_all_is() -> None:
    almost = standing(COURSE, {13: 100, 12: 100, 11: 100, 10: 99})
    assert (almost.tally.percent, almost.tally.is_complete) == (99, False)
    whole = standing(COURSE, {13: 100, 12: 100, 11: 100, 10: 100})
    assert (whole.tally.percent, whole.tally.is_complete) == (100, True)
    assert whole.next_content_item_id is None
    assert set(percents_of(whole).values()) == {100}


def test_a_module_without_content_counts_by_its_own_row_and_weighs_nothing_above() -> None:
    skeleton = Skeleton(modules=[module(1), module(2, 1), module(3, 1)], items=[item(10, 3)])
    known = standing(skeleton, {10: 40}, {1: 90, 2: 70, 3: 80})
    assert percents_of(known) == {1: 40, 2: 70, 3: 40}


def test_where_there_is_nothing_to_do_nothing_is_complete() -> None:
    known = standing(Skeleton(modules=[module(1)]), {}, {1: 100})
    assert (known.tally.percent, known.tally.is_complete) == (0, False)
    assert percents_of(known) == {1: 100}
    assert standing(Skeleton(), {}).modules == []


def test_questions_and_labs_are_not_mastered_by_reading() -> None:
    assert is_mastered_by_progress("text", {"body": "Read me.", "questions": []})
    assert not is_mastered_by_progress("text", {"questions": [{"id": 1}]})
    assert not is_mastered_by_progress("lab", {})


def _way_up(skeleton: Skeleton, module_id: int) -> list[SkeletonModule]:
    by_id = {each.id: each for each in skeleton.modules}
    here = by_id[module_id]
    return [here, *(_way_up(skeleton, here.parent_module_id) if here.parent_module_id else [])]


def _is_live(skeleton: Skeleton, module_id: int) -> bool:
    return not any(each.is_archived for each in _way_up(skeleton, module_id))


def _below(skeleton: Skeleton, module_id: int) -> list[SkeletonItem]:
    """The live items below a module, by looking up from every item."""
    return [
        each
        for each in skeleton.items
        if not each.is_archived
        and _is_live(skeleton, each.module_id)
        and module_id in [one.id for one in _way_up(skeleton, each.module_id)]
    ]


def _place(skeleton: Skeleton, module_id: int) -> list[tuple[int, int, int]]:
    """Where a module comes in pre-order, as the places along the way to it; items (0) come
    before child modules (1)."""
    return [(1, each.sequence_index, each.id) for each in reversed(_way_up(skeleton, module_id))]


@given(scenes())
def test_any_course_is_rolled_up_as_the_plain_model_does(scene: Scene) -> None:
    skeleton, percents = scene.skeleton, scene.percents
    known = standing(skeleton, percents, scene.own)
    live = [each for each in skeleton.modules if _is_live(skeleton, each.id)]
    assert [each.module for each in known.modules] == sorted(
        live, key=lambda each: _place(skeleton, each.id)
    )
    for each in known.modules:
        below = _below(skeleton, each.module.id)
        mean = [Fraction(percents.get(one.id, 0), len(below)) for one in below]
        wanted = floor(sum(mean)) if below else scene.own.get(each.module.id, 0)
        assert each.progress_percent == wanted
        if below:
            is_whole = all(percents.get(one.id, 0) == 100 for one in below)
            assert (each.progress_percent == 100) == is_whole == each.tally.is_complete


@given(scenes())
def test_the_next_item_is_the_first_incomplete_one_in_pre_order(scene: Scene) -> None:
    skeleton = scene.skeleton
    live = [
        each
        for each in skeleton.items
        if not each.is_archived and _is_live(skeleton, each.module_id)
    ]
    live.sort(
        key=lambda each: [*_place(skeleton, each.module_id), (0, each.sequence_index, each.id)]
    )
    known = standing(skeleton, scene.percents)
    todo = [each.id for each in live if scene.percents.get(each.id, 0) < 100]
    assert known.next_content_item_id == (todo[0] if todo else None)
    assert known.tally == tallied(scene.percents.get(each.id, 0) for each in live)
    assert known.tally.is_complete == (bool(live) and not todo)


@given(scenes())
def test_the_path_above_an_item_has_the_percents_of_the_whole_tree(scene: Scene) -> None:
    known = standing(scene.skeleton, scene.percents)
    for each in known.modules:
        path = [one.id for one in reversed(_way_up(scene.skeleton, each.module.id))]
        shares = {
            module_id: tallied(
                scene.percents.get(one.id, 0)
                for one in _below(scene.skeleton, module_id)
                if not any(one in _below(scene.skeleton, deeper) for deeper in path[at + 1 :])
            )
            for at, module_id in enumerate(path)
        }
        wanted = {
            one.module.id: one.progress_percent
            for one in known.modules
            if one.module.id in path and one.tally.items_total
        }
        assert path_percents(path, shares) == wanted
