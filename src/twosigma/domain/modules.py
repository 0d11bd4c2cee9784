"""The module tree of a course: kinds, order, and the rules of where a module may hang."""

from collections.abc import Iterable, Mapping, Sequence
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


def pre_order(modules: Iterable[P]) -> list[P]:
    """The modules of a course, depth first, each parent before its children; without those whose
    parent is not among them."""
    children: dict[int | None, list[P]] = {}
    for module in modules:
        children.setdefault(module.parent_module_id, []).append(module)
    ordered: list[P] = []
    stack = sorted(children.get(None, ()), key=siblings_order, reverse=True)
    while stack:
        module = stack.pop()
        ordered.append(module)
        stack.extend(sorted(children.get(module.id, ()), key=siblings_order, reverse=True))
    return ordered


def ancestry(module_id: int, modules: Mapping[int, Module]) -> list[Module]:
    """The way from the root down to this module, itself the last; empty if it is not there."""
    path: list[Module] = []
    seen: set[int] = set()
    here = modules.get(module_id)
    while here is not None and here.id not in seen:
        seen.add(here.id)
        path.append(here)
        here = modules.get(here.parent_module_id) if here.parent_module_id is not None else None
    return path[::-1]


def is_visible(module_id: int, modules: Mapping[int, Module]) -> bool:
    """Whether a learner may see it: it and all above it are live."""
    path = ancestry(module_id, modules)
    return bool(path) and not any(module.is_archived for module in path)


def require_place(new: ModuleFields, course_modules: Sequence[Module]) -> None:
    """Raise Conflict unless this new module may hang where it says, in its course's tree."""
    by_id = {module.id: module for module in course_modules}
    if new.module_type is ModuleType.COURSE_ROOT:
        if new.parent_module_id is not None:
            raise Conflict("The course root has no parent module")
        if any(module.module_type is ModuleType.COURSE_ROOT for module in course_modules):
            raise Conflict("This course has its root module already")
    if new.parent_module_id is None:
        return
    if new.parent_module_id not in by_id:
        raise Conflict("The parent module belongs to another course")
    if len(ancestry(new.parent_module_id, by_id)) >= MAX_DEPTH:
        raise Conflict(f"Modules may be nested {MAX_DEPTH} deep at most")


def next_index(indexes: Iterable[int]) -> int:
    """The place behind all siblings."""
    return max(indexes, default=-1) + 1
