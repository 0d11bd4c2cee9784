"""What a prompt is tied to: what a change of it would reach, and what was done to it."""

from collections.abc import Sequence

from msgspec import Struct

from twosigma.app.context import FALLBACK_PROMPT
from twosigma.app.prompt_graph import NO_PROMPT
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import OF_PROMPTS, Entry, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Missing
from twosigma.domain.prompt_dependents import dependents
from twosigma.domain.prompts import PromptVersion
from twosigma.ports.prompts import Use
from twosigma.ports.store import Read, Store


class Dependents(Struct, frozen=True, kw_only=True):
    """What a change of a prompt would reach. `hidden`: how many courses, items and trees are
    not told, as they are of courses whose staff the asker is not in; `is_fallback`: lessons for
    which nobody has named a prompt are taught with it."""

    prompts: Sequence[PromptVersion]
    uses: Sequence[Use]
    hidden: int
    is_fallback: bool


class Act(Struct, frozen=True, kw_only=True):
    """An entry of the audit log; `actor`: the full name of who did it."""

    entry: Entry
    actor: str | None


class PromptsTrail:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def dependents(self, actor: Actor | None, name: str) -> Dependents:
        """What a change of this prompt would reach: prompts by their references, and all that
        names it or one of these. Raises Forbidden to less than an INSTRUCTOR, Missing."""
        known = require(actor, Role.INSTRUCTOR)
        async with self._store.read() as tx:
            stored = await tx.prompts.all_versions()
            own = [one for one in stored if one.name == name]
            if not own:
                raise Missing(NO_PROMPT)
            above = dependents(stored, name)
            names = {name, *(one.name for one in above)}
            uses = await tx.prompts.uses(names, {one.id for one in (*own, *above)})
            shown = await _shown(tx, known, uses)
        return Dependents(
            prompts=above,
            uses=shown,
            hidden=len(uses) - len(shown),
            is_fallback=FALLBACK_PROMPT in names,
        )

    async def history(
        self, actor: Actor | None, name: str, page: Page
    ) -> tuple[Sequence[Act], int]:
        """A page of what was done to a prompt, newest first, and how much there is; a deleted one
        keeps its history. Raises Forbidden to less than an INSTRUCTOR, and Missing for a name
        that never was."""
        require(actor, Role.INSTRUCTOR)
        wanted = EntryFilter(actions=OF_PROMPTS, target_id=name)
        async with self._store.read() as tx:
            entries, total = await tx.audit.entries(wanted, page)
            if total == 0 and not await tx.prompts.heads(name):
                raise Missing(NO_PROMPT)
            ids = {entry.actor_id for entry in entries if entry.actor_id is not None}
            users = await tx.accounts.get_all(ids)
        names = {user_id: user.full_name for user_id, user in users.items()}
        return [Act(entry=one, actor=names.get(one.actor_id or 0)) for one in entries], total


async def _shown(tx: Read, actor: Actor, uses: Sequence[Use]) -> Sequence[Use]:
    """What the actor may know of: which prompt a course has is its staff's matter."""
    if actor.is_admin:
        return uses
    courses = {use.course_id for use in uses if use.course_id is not None}
    own = await tx.catalog.staffed(actor.user_id, courses)
    return [use for use in uses if use.course_id is None or use.course_id in own]
