"""What is to be changed in the tree of a course, locked."""

from twosigma.app.access import CONTENT_MISSING, MODULE_MISSING, editable_course
from twosigma.domain.actor import Actor
from twosigma.domain.content import Item
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.modules import Module
from twosigma.ports.branches import Branch
from twosigma.ports.store import Write


async def locked_module(tx: Write, actor: Actor | None, module_id: int) -> Module:
    """The module, for those who may change its course, whose tree stays as it is until the
    transaction ends. Raises Missing, Forbidden."""
    module = await tx.modules.get(module_id)
    if module is None:
        raise Missing(MODULE_MISSING)
    await _lock(tx, actor, module.course_id, MODULE_MISSING)
    module = await tx.modules.get(module_id)
    if module is None:
        raise Missing(MODULE_MISSING)
    return module


async def locked_item(tx: Write, actor: Actor | None, item_id: int) -> Item:
    """As `locked_module`, of an item."""
    item = await tx.content.get(item_id)
    if item is None:
        raise Missing(CONTENT_MISSING)
    await _lock(tx, actor, item.course_id, CONTENT_MISSING)
    item = await tx.content.get(item_id)
    if item is None:
        raise Missing(CONTENT_MISSING)
    return item


async def _lock(tx: Write, actor: Actor | None, course_id: int, missing: str) -> None:
    try:
        await editable_course(tx, actor, course_id)
    except Missing:
        raise Missing(missing) from None
    if not await tx.modules.lock(course_id):
        raise Missing(missing)


async def remove_branch(tx: Write, branch: Branch) -> None:
    """Remove it; raises Conflict where something that a learner did lies in it. Needs the lock of
    its course."""
    await tx.branches.lock(branch)
    if await tx.branches.has_learner_history(branch):
        raise Conflict("Learners have worked here: archive instead", code="has_history")
    await tx.branches.remove(branch)
