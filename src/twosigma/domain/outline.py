"""The outline of a course: its modules as a tree, with what is in them."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from twosigma.domain.content import ItemSummary, items_order
from twosigma.domain.modules import Module, pre_order


class Outline(Struct, frozen=True, kw_only=True):
    """A module with its items and the modules below it, each in their order."""

    module: Module
    items: tuple[ItemSummary, ...]
    children: tuple["Outline", ...]


def live_modules(modules: Iterable[Module]) -> list[Module]:
    """Those that a learner sees, depth first: they and all above them are live."""
    return pre_order(module for module in modules if not module.is_archived)


def outline(modules: Sequence[Module], items: Iterable[ItemSummary]) -> tuple[Outline, ...]:
    """The trees of these modules, which come depth first; items of other modules are left out."""
    inside: dict[int, list[ItemSummary]] = {}
    for item in sorted(items, key=items_order):
        inside.setdefault(item.module_id, []).append(item)
    below: dict[int | None, list[Outline]] = {}
    for module in reversed(modules):  # children come before their parents
        whole = Outline(
            module=module,
            items=tuple(inside.get(module.id, ())),
            children=tuple(reversed(below.pop(module.id, []))),
        )
        below.setdefault(module.parent_module_id, []).append(whole)
    return tuple(reversed(below.get(None, [])))
