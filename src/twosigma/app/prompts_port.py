"""Prompts out of this installation, and into it: as files, or from another service, for the
operator's command line, which is trusted; and as lines for platform admins.

Of a hundred thousand versions all that is worked out takes seconds, so it is done in threads: the
loop goes on meanwhile.
"""

from asyncio import to_thread
from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from twosigma.app.audit_trail import prompt_entry
from twosigma.domain import prompt_lines
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.errors import Loc
from twosigma.domain.prompt_dependents import require_whole
from twosigma.domain.prompt_files import PromptFile, folders, read, written
from twosigma.domain.prompt_incoming import Incoming
from twosigma.domain.prompt_porting import Plan, current, planned, read_all, require_sound
from twosigma.domain.prompt_pull import incoming, labeled
from twosigma.domain.prompts import PromptVersion
from twosigma.ports.clock import Clock
from twosigma.ports.prompt_sources import OnProgress, PromptSource
from twosigma.ports.store import Store, Write

AUTHOR = "operator"
PART = 1000
"""How many versions are added at once."""


class Ported(Struct, frozen=True, kw_only=True):
    """What became of a version that came, and where it stood: `version` is the one here that says
    what it says."""

    source: str
    loc: Loc
    name: str
    version: int
    is_new: bool


class _Rehearsed(Exception):
    """Ends the transaction of a dry run, so that nothing of it stays."""


class PromptsPort:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def dump(self, *, only_current: bool = False) -> Sequence[PromptFile]:
        """Every version as a file, or those that bear labels and what they refer to."""
        chosen = await self._chosen(only_current=only_current)
        places = folders({one.name for one in chosen})
        return [written(one, places[one.name]) for one in chosen]

    async def export(
        self, actor: Actor | None, *, only_current: bool = False
    ) -> Sequence[PromptVersion]:
        """Every version, or those that bear labels and what they refer to. Raises Forbidden to
        less than a PLATFORM_ADMIN."""
        require(actor, Role.PLATFORM_ADMIN)
        return await self._chosen(only_current=only_current)

    async def _chosen(self, *, only_current: bool) -> Sequence[PromptVersion]:
        async with self._store.read() as tx:
            versions = await tx.prompts.all_versions()
        return await to_thread(current, versions) if only_current else versions

    async def load(
        self, files: Sequence[PromptFile], *, is_rehearsal: bool = False
    ) -> Sequence[Ported]:
        """Add what these files say, all or nothing, in whatever order they come. What a version
        of the name says already is left as it is here, with its labels and tags.

        Raises Invalid with all faults, each with path and line, and Conflict where a prompt that
        is here already would no longer resolve.
        """
        now = self._clock.now()
        came = await to_thread(read_all, files, lambda file: read(file, AUTHOR, now))
        return await self._bring(None, came, is_rehearsal=is_rehearsal)

    async def pull(
        self,
        source: PromptSource,
        on_progress: OnProgress,
        *,
        only_current: bool = False,
        is_rehearsal: bool = False,
    ) -> Sequence[Ported]:
        """Add what another service has, as `load` does: every version, or those that bear labels
        and what they refer to. Raises as `load`, and Unavailable where it cannot be read."""
        found = await source.versions(on_progress)
        chosen = labeled(found) if only_current else found
        now = self._clock.now()
        came = await to_thread(read_all, chosen, lambda one: incoming(one, AUTHOR, now))
        return await self._bring(None, came, is_rehearsal=is_rehearsal)

    async def import_(
        self, actor: Actor | None, data: bytes, *, is_rehearsal: bool = False
    ) -> Sequence[Ported]:
        """Add what these lines say as `load` does files, in the actor's name. Raises Forbidden to
        less than a PLATFORM_ADMIN; the faults have line and field."""
        admin = require(actor, Role.PLATFORM_ADMIN)
        author, now = str(admin.user_id), self._clock.now()
        came = await to_thread(
            read_all, prompt_lines.lines(data), lambda line: prompt_lines.read(line, author, now)
        )
        return await self._bring(admin, came, is_rehearsal=is_rehearsal)

    async def _bring(
        self, actor: Actor | None, came: Sequence[Incoming], *, is_rehearsal: bool
    ) -> Sequence[Ported]:
        """Add what is not here yet, all or nothing; raises Invalid and Conflict as `load` does."""
        report: list[Ported] = []
        with suppress(_Rehearsed):
            async with self._store.write() as tx:
                await tx.prompts.lock()
                plan = await to_thread(planned, came, await tx.prompts.all_versions())
                report += _reported(plan, await _add(tx, actor, plan))
                _end(is_rehearsal=is_rehearsal)
        return report


def _end(*, is_rehearsal: bool) -> None:
    """Undo it all after a dry run."""
    if is_rehearsal:
        raise _Rehearsed


async def _add(tx: Write, actor: Actor | None, plan: Plan) -> dict[str, PromptVersion]:
    """What is added, by source."""
    if not plan.new:
        return {}
    numbers: list[int] = []
    for at in range(0, len(plan.new), PART):
        part = [one.new for one in plan.new[at : at + PART]]
        given = await tx.prompts.add_all(part)
        await tx.audit.append(
            *(prompt_entry(actor, *each) for each in zip(part, given, strict=True))
        )
        numbers += given
    # An error below undoes them all.
    stored = await tx.prompts.all_versions()
    here = {(one.name, one.version): one for one in stored}
    added = {
        one.source: here[one.new.name, number]
        for one, number in zip(plan.new, numbers, strict=True)
    }
    await to_thread(require_sound, plan, added, stored)
    await to_thread(require_whole, stored, {one.name for one in added.values()})
    await tx.epochs.raise_platform()
    return added


def _reported(plan: Plan, added: dict[str, PromptVersion]) -> list[Ported]:
    new = [(one, added[one.source], True) for one in plan.new]
    known = [(one, here, False) for one, here in plan.known]
    return [
        Ported(source=one.source, loc=one.loc, name=here.name, version=here.version, is_new=is_new)
        for one, here, is_new in sorted(
            [*new, *known], key=lambda each: (each[1].name, each[1].version, each[0].source)
        )
    ]
