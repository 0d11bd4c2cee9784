"""Prompts out of this installation, and into it: as files, or from another service. For the
operator's command line, which is trusted."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from twosigma.app.audit_trail import record
from twosigma.domain.actor import Actor
from twosigma.domain.audit import Action
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


class Ported(Struct, frozen=True, kw_only=True):
    """What became of a version that came: `version` is the one here that says what it says."""

    source: str
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
        async with self._store.read() as tx:
            versions = await tx.prompts.all_versions()
        chosen = current(versions) if only_current else versions
        places = folders({one.name for one in chosen})
        return [written(one, places[one.name]) for one in chosen]

    async def load(
        self, files: Sequence[PromptFile], *, is_rehearsal: bool = False
    ) -> Sequence[Ported]:
        """Add what these files say, all or nothing, in whatever order they come. What a version
        of the name says already is left as it is here, with its labels and tags.

        Raises Invalid with all faults, each with path and line, and Conflict where a prompt that
        is here already would no longer resolve.
        """
        now = self._clock.now()
        came = read_all(files, lambda file: read(file, AUTHOR, now))
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
        came = read_all(chosen, lambda one: incoming(one, AUTHOR, now))
        return await self._bring(None, came, is_rehearsal=is_rehearsal)

    async def _bring(
        self, actor: Actor | None, came: Sequence[Incoming], *, is_rehearsal: bool
    ) -> Sequence[Ported]:
        """Add what is not here yet, all or nothing; raises Invalid and Conflict as `load` does."""
        report: list[Ported] = []
        with suppress(_Rehearsed):
            async with self._store.write() as tx:
                await tx.prompts.lock()
                plan = planned(came, await tx.prompts.all_versions())
                report += _reported(plan, await _add(tx, actor, plan))
                _end(is_rehearsal=is_rehearsal)
        return report


def _end(*, is_rehearsal: bool) -> None:
    """Undo it all after a dry run."""
    if is_rehearsal:
        raise _Rehearsed


async def _add(tx: Write, actor: Actor | None, plan: Plan) -> dict[str, PromptVersion]:
    added = {one.source: await tx.prompts.add(one.new) for one in plan.new}
    if not added:
        return added
    # An error below undoes them all.
    stored = await tx.prompts.all_versions()
    require_sound(plan, added, stored)
    require_whole(stored, {one.name for one in added.values()})
    await tx.epochs.raise_platform()
    for one in plan.new:
        await record(
            tx, actor, Action.PROMPT_CREATED, one.new.name, one.new.created_at,
            version=added[one.source].version, labels=sorted(one.new.labels),
            tags=None if one.new.tags is None else list(one.new.tags),
        )  # fmt: skip
    return added


def _reported(plan: Plan, added: dict[str, PromptVersion]) -> list[Ported]:
    new = [(one.source, added[one.source], True) for one in plan.new]
    known = [(one.source, here, False) for one, here in plan.known]
    return [
        Ported(source=source, name=here.name, version=here.version, is_new=is_new)
        for source, here, is_new in sorted(
            [*new, *known], key=lambda each: (each[1].name, each[1].version, each[0])
        )
    ]
