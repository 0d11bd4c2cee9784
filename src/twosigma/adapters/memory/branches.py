"""What is removed whole: a module with all below it, or one item."""

from collections.abc import Collection, Iterator

from twosigma.adapters.memory.cache import MemoryCache
from twosigma.adapters.memory.chat import MemoryChat
from twosigma.adapters.memory.modules import MemoryModules
from twosigma.adapters.memory.tables import Transaction, take_from
from twosigma.domain.actor import Role
from twosigma.domain.chat import Session
from twosigma.domain.progress import Progress, Target
from twosigma.ports.branches import Branch


class MemoryBranches:
    """One writes at a time here: there is nothing to lock."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._tables = tx.tables

    async def lock(self, branch: Branch) -> None:
        pass

    async def has_learner_history(self, branch: Branch) -> bool:
        modules, items = await self._modules(branch), await self._items(branch)
        if any(not self._is_of_staff(each) for each in self._sessions(items)):
            return True
        places = {Target.CONTENT: items, Target.MODULE: modules}
        return any(place in places[target] for (target, _, _, place), _ in self._progress())

    async def remove(self, branch: Branch) -> None:
        modules, items = await self._modules(branch), await self._items(branch)
        cache, chat = MemoryCache(self._tx), MemoryChat(self._tx)
        for tree in list(self._tables.trees.values()):
            if tree.content_item_id in items:
                await cache.prune(tree.id, self._tx.clock.now())
        for session in self._sessions(items):
            await chat.remove(session.id)
        for item_id in items:
            item = self._tables.items[item_id]
            self._tables.items.pop(item_id)
            take_from(self._tables.items_of_course, item.course_id, item_id)
        for module_id in modules:
            module = self._tables.modules[module_id]
            self._tables.modules.pop(module_id)
            take_from(self._tables.modules_of_course, module.course_id, module_id)

    async def _modules(self, branch: Branch) -> Collection[int]:
        if branch.module_id is None:
            return ()
        rows = await MemoryModules(self._tx).subtree(branch.module_id)
        return {row.id for row in rows}

    async def _items(self, branch: Branch) -> Collection[int]:
        modules = await self._modules(branch)
        return {
            each.id
            for each in self._tables.items.values()
            if each.id == branch.item_id or each.module_id in modules
        }

    def _sessions(self, items: Collection[int]) -> list[Session]:
        every = self._tables.sessions.values()
        return [each for each in every if each.content_item_id in items]

    def _progress(self) -> Iterator[tuple[tuple[Target, int, int, int], Progress]]:
        return self._tables.progress.items()

    def _is_of_staff(self, session: Session) -> bool:
        user = self._tables.users[session.user_id]
        is_staff = (session.course_id, session.user_id) in self._tables.staff
        return is_staff or user.role is Role.PLATFORM_ADMIN
