"""The module tree of a course: kinds, order, and the rules of where a module may hang."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from msgspec import Struct

from twosigma.domain.catalog import Provenance
from twosigma.domain.errors import Conflict

MAX_DEPTH = 10


class ModuleType(StrEnum):
    COURSE_ROOT = "COURSE_ROOT"
    UNIT = "UNIT"
    CHAPTER = "CHAPTER"
    LESSON = "LESSON"
    TOPIC = "TOPIC"
    SECTION = "SECTION"
    LAB = "LAB"
    QUIZ = "QUIZ"


class ModuleFields(Struct, frozen=True, kw_only=True):
    course_id: int
    parent_module_id: int | None = None
    title: str
    description: str = ""
    module_type: ModuleType = ModuleType.UNIT
    sequence_index: int = 0
    is_archived: bool = False


class Module(ModuleFields, frozen=True, kw_only=True):
    id: int
    provenance: Provenance | None = None
    created_at: datetime
    updated_at: datetime


class Ordered(Protocol):
    """What has a place among siblings: a module, an item, or a part of what is known of one."""

    @property
    def id(self) -> int: ...
    @property
    def sequence_index(self) -> int: ...


class Placed(Ordered, Protocol):
    """What has a place in the tree."""

    @property
    def parent_module_id(self) -> int | None: ...


P = TypeVar("P", bound=Placed)


def siblings_order(one: Ordered) -> tuple[int, int]:
    """Sort key among siblings."""
    return (one.sequence_index, one.id)


def pre_order(modules: Iterable[P], *, within: bool = False) -> list[P]:
    """Modules depth first, each parent before its children, from those without a parent down;
    without those whose parent is not among them. `within`: these are where it begins, too."""
    known = list(modules)
    ids = {module.id for module in known} if within else None
    children: dict[int | None, list[P]] = {}
    for module in known:
        parent = module.parent_module_id
        children.setdefault(parent if ids is None or parent in ids else None, []).append(module)
    ordered: list[P] = []
    stack = sorted(children.get(None, ()), key=siblings_order, reverse=True)
    while stack:
        module = stack.pop()
        ordered.append(module)
        stack.extend(sorted(children.get(module.id, ()), key=siblings_order, reverse=True))
    return ordered


def ancestry(module_id: int, find: Callable[[int], Module | None]) -> list[Module]:
    """The way from the root down to this module, itself the last; empty if it is not there.
    `find` gives a module by its id."""
    path: list[Module] = []
    seen: set[int] = set()
    here = find(module_id)
    while here is not None and here.id not in seen:
        seen.add(here.id)
        path.append(here)
        here = find(here.parent_module_id) if here.parent_module_id is not None else None
    return path[::-1]


def is_live(path: Sequence[Module]) -> bool:
    """Whether a learner may see the last module of this way from a root: it and all above it are
    live."""
    return bool(path) and not any(module.is_archived for module in path)


class Spot(Struct, frozen=True, kw_only=True):
    """Where a module is to hang, and what goes there with it.

    `path`: the way from the root down to its parent, empty where it has none; `subtree`: what
    hangs below it now, itself included, empty for a new module; `root`: the module of its course
    that is the COURSE_ROOT.
    """

    path: Sequence[Module] = ()
    subtree: Sequence[Module] = ()
    root: Module | None = None


def require_place(module: ModuleFields, spot: Spot) -> None:
    """Raise Conflict unless this module, with all below it, may hang where it says."""
    moved = {each.id for each in spot.subtree}
    if module.module_type is ModuleType.COURSE_ROOT:
        if module.parent_module_id is not None:
            raise Conflict("The course root has no parent module")
        if spot.root is not None and spot.root.id not in moved:
            raise Conflict("This course has its root module already")
    if any(parent.course_id != module.course_id for parent in spot.path):
        raise Conflict("The parent module belongs to another course")
    if any(parent.id in moved for parent in spot.path):
        raise Conflict("A module cannot hang below itself")
    if len(spot.path) + max(height(spot.subtree), 1) > MAX_DEPTH:
        raise Conflict(f"Modules may be nested {MAX_DEPTH} deep at most")


def height(subtree: Sequence[Module]) -> int:
    """How many levels these modules have, which hang together below one of them."""
    depths: dict[int, int] = {}
    for module in pre_order(subtree, within=True):
        depths[module.id] = depths.get(module.parent_module_id or 0, 0) + 1
    return max(depths.values(), default=0)
