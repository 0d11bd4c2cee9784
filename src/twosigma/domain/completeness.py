"""Completeness: how far somebody is in a course and its modules, by today's live items.

An item is live when it and all modules above it are not archived. What is at 100 percent is
complete and counts 100, so that the floor of a mean is 100 if and only if all are complete.

A module with live items anywhere below it is as far as these items are in the mean; each item
weighs the same, at whatever depth it lies. One without any is as far as its own row says, and
weighs nothing in the modules above it: content alone decides what lies above.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from twosigma.domain.modules import pre_order, siblings_order
from twosigma.domain.progress import WHOLE


# gc=False: a course may have a hundred thousand, at each of which the collector would look.
class SkeletonModule(Struct, frozen=True, kw_only=True, gc=False):
    """A module of a course: its title, and where it hangs."""

    id: int
    parent_module_id: int | None
    title: str
    sequence_index: int
    is_archived: bool


class SkeletonItem(Struct, frozen=True, kw_only=True, gc=False):
    """An item of a course: where it lies."""

    id: int
    module_id: int
    sequence_index: int
    is_archived: bool


class Skeleton(Struct, frozen=True, kw_only=True):
    """What is needed to know of a course: all its modules and items, in any order, archived ones
    too."""

    modules: Sequence[SkeletonModule] = ()
    items: Sequence[SkeletonItem] = ()


class Tally(Struct, frozen=True, kw_only=True):
    """Live items, counted: how many, how many of them complete, the sum of their percents."""

    items_total: int = 0
    items_completed: int = 0
    percent_sum: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            items_total=self.items_total + other.items_total,
            items_completed=self.items_completed + other.items_completed,
            percent_sum=self.percent_sum + other.percent_sum,
        )

    @property
    def percent(self) -> int:
        """The floor of the mean; 0 where there is nothing to do."""
        return self.percent_sum // self.items_total if self.items_total else 0

    @property
    def is_complete(self) -> bool:
        """Whether there is something to do, and all of it is done."""
        return 0 < self.items_total == self.items_completed


class ModuleStanding(Struct, frozen=True, kw_only=True):
    """How far somebody is in a live module, with all that lies below it."""

    module: SkeletonModule
    tally: Tally
    progress_percent: int


class Standing(Struct, frozen=True, kw_only=True):
    """How far somebody is in a course, what comes next, and each live module in pre-order."""

    tally: Tally
    next_content_item_id: int | None
    modules: Sequence[ModuleStanding]


def tallied(percents: Iterable[int]) -> Tally:
    """The tally of live items at these percents."""
    known = list(percents)
    return Tally(
        items_total=len(known),
        items_completed=sum(percent == WHOLE for percent in known),
        percent_sum=sum(known),
    )


def live_modules(skeleton: Skeleton) -> list[SkeletonModule]:
    """The live modules, each before what lies below it."""
    return pre_order(module for module in skeleton.modules if not module.is_archived)


def live_items(skeleton: Skeleton) -> dict[int, list[SkeletonItem]]:
    """The live items by module, in the order in which they are to be done: a module's own items
    come before its child modules. Every live module is in it."""
    items: dict[int, list[SkeletonItem]] = {module.id: [] for module in live_modules(skeleton)}
    for item in sorted(skeleton.items, key=siblings_order):
        if item.module_id in items and not item.is_archived:
            items[item.module_id].append(item)
    return items


def standing(
    skeleton: Skeleton, percents: Mapping[int, int], own: Mapping[int, int] | None = None
) -> Standing:
    """Where somebody stands with these percents of items, and these of modules' own rows (by id;
    what is not in them is 0)."""
    items = live_items(skeleton)
    tallies = {
        module_id: tallied(percents.get(item.id, 0) for item in of_module)
        for module_id, of_module in items.items()
    }
    modules = live_modules(skeleton)
    course = sum(tallies.values(), start=Tally())
    for module in reversed(modules):
        if module.parent_module_id is not None:
            tallies[module.parent_module_id] += tallies[module.id]
    return Standing(
        tally=course,
        next_content_item_id=next(
            (
                item.id
                for of_module in items.values()
                for item in of_module
                if percents.get(item.id, 0) < WHOLE
            ),
            None,
        ),
        modules=[_module_standing(module, tallies[module.id], own or {}) for module in modules],
    )


def _module_standing(
    module: SkeletonModule, tally: Tally, own: Mapping[int, int]
) -> ModuleStanding:
    percent = tally.percent if tally.items_total else own.get(module.id, 0)
    return ModuleStanding(module=module, tally=tally, progress_percent=percent)


def path_percents(path: Sequence[int], shares: Mapping[int, Tally]) -> dict[int, int]:
    """The percents of the modules from a root down to one, by the live items below each.

    `shares`: for each of them, what lies below it and not below the next one of the path. Those
    with no live item below them are not in the answer.
    """
    below, percents = Tally(), {}
    for module_id in reversed(path):
        below += shares.get(module_id, Tally())
        if below.items_total:
            percents[module_id] = below.percent
    return percents


LAB = "lab"


def is_mastered_by_progress(content_type: str, data_json: Mapping[str, object]) -> bool:
    """Whether an item that is complete is mastered by that: questions want an attempt, and labs
    a grade."""
    return content_type != LAB and not data_json.get("questions")
