"""The order of siblings: modules of one parent, items of one module."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import structs

from twosigma.domain.content import Item
from twosigma.domain.errors import Conflict, Fault, Invalid, Loc
from twosigma.domain.modules import Module
from twosigma.domain.values import MAX_ID

MAX_INDEX = 2**31 - 1
MAX_ORDER = 1000

Sibling = TypeVar("Sibling", Module, Item)


def index_fault(index: int) -> tuple[Fault, ...]:
    """What is wrong with a `sequence_index`."""
    loc = ("body", "sequence_index")
    if index < 0:
        return (Fault(loc, "Must not be negative", "value_error.number.not_ge"),)
    if index > MAX_INDEX:
        return (Fault(loc, f"Must be at most {MAX_INDEX}", "value_error.number.not_le"),)
    return ()


def next_index(indexes: Iterable[int]) -> int:
    """The place behind all siblings."""
    return max(indexes, default=-1) + 1


def checked_order(ids: Sequence[int], loc: Loc) -> Sequence[int]:
    """The ids of a new order; raises Invalid for none, too many, or what is no id."""
    faults = [
        Fault((*loc, at), "Not a valid id", "value_error.number.not_ge")
        for at, each in enumerate(ids[:MAX_ORDER])
        if not 1 <= each <= MAX_ID
    ]
    if not ids:
        faults.append(Fault(loc, "Must name at least one", "value_error"))
    if len(ids) > MAX_ORDER:
        faults.append(Fault(loc, f"At most {MAX_ORDER} items", "value_error.list.max_items"))
    if faults:
        raise Invalid(faults)
    return ids


def reordered(ids: Sequence[int], siblings: Iterable[Sibling], now: datetime) -> list[Sibling]:
    """The live siblings in this order, their indexes 0, 1, …; raises Conflict unless each of
    them is named once, and nothing else."""
    live = {each.id: each for each in siblings if not each.is_archived}
    if sorted(ids) != sorted(live):
        raise Conflict("Name all that are not archived, each once", code="not_all_siblings")
    return [_moved(live[each], at, now) for at, each in enumerate(ids)]


def _moved(row: Sibling, index: int, now: datetime) -> Sibling:
    if row.sequence_index == index:
        return row
    return structs.replace(row, sequence_index=index, updated_at=now)
