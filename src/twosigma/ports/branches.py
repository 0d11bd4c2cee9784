"""What is removed whole: a module with all below it, or one item."""

from typing import Protocol

from msgspec import Struct


class Branch(Struct, frozen=True, kw_only=True):
    """The module of this id and all below it, or the item of this id."""

    module_id: int | None = None
    item_id: int | None = None


class Branches(Protocol):
    async def lock(self, branch: Branch) -> None:
        """Lock its modules and items until the transaction ends: from now on whoever `hold`s one
        waits, and no session or progress in one begins. Comes after the lock of the course, and
        before any tree and session."""
        ...

    async def has_learner_history(self, branch: Branch) -> bool:
        """Whether anything that a learner did lies in it: a session of somebody who is neither
        of the course's staff nor a platform admin, or anybody's progress. Needs `lock`."""
        ...

    async def remove(self, branch: Branch) -> None:
        """Remove its modules and items, with the cached trees and the sessions of these, their
        messages, and the replies that nobody else refers to; trees are locked before sessions.
        Needs `lock`."""
        ...
