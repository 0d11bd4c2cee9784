"""Write prompts: new versions and labels, checked against all that depends on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, structs

from twosigma.app.audit_trail import record
from twosigma.app.policy import Policy
from twosigma.app.prompt_graph import read_graph
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.errors import Missing
from twosigma.domain.prompt_refs import Ref, refs_of
from twosigma.domain.prompt_resolution import Resolved, resolve
from twosigma.domain.prompt_rules import (
    LabelMove,
    checked_labels,
    checked_prompt,
    require_unprotected,
    require_whole,
    require_without_latest,
)
from twosigma.domain.prompts import (
    LATEST,
    NewPromptVersion,
    PromptVersion,
    require_free_name,
)
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store, Write


class PromptDraft(Struct, frozen=True, kw_only=True):
    """What an author sends."""

    name: str
    prompt: str
    config: Mapping[str, object] = {}
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    commit_message: str | None = None


class PromptView(Struct, frozen=True, kw_only=True):
    """A version with its dependencies, in text order, and what it resolves to."""

    prompt: PromptVersion
    dependencies: tuple[Ref, ...]
    resolved: Resolved


class PromptsEdit:
    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def create(self, actor: Actor | None, draft: PromptDraft) -> PromptView:
        """The next version of a name.

        Raises Forbidden to less than an INSTRUCTOR, and where a protected label would move;
        Invalid; Conflict for a reserved name, and for a dependency that is missing, circular
        or too deep, or one that this version (as `latest`, or by its labels) would break.
        """
        known = require(actor, Role.INSTRUCTOR)
        new = checked_prompt(
            NewPromptVersion(
                **structs.asdict(draft),
                created_by=str(known.user_id),
                created_at=self._clock.now(),
            )
        )
        require_free_name(new.name)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            versions = await tx.prompts.versions(new.name)
            move = LabelMove(added=frozenset(new.labels), removed=frozenset())
            require_unprotected(
                move,
                self._policy.protected_labels,
                is_new_name=not versions,
                is_admin=known.is_admin,
            )
            added = await tx.prompts.add(new)
            # An error below undoes the version: what depends on the name must stay whole.
            require_whole(await tx.prompts.all_versions())
            await tx.epochs.raise_platform()
            if new.labels:
                await _record_labels(tx, known, added, move, new.created_at)
            return await _viewed(tx, added)

    async def set_labels(
        self, actor: Actor | None, name: str, version: int, labels: Sequence[str] | None
    ) -> PromptView:
        """Replace the labels of a version; they leave other versions, `latest` stays. None
        changes nothing.

        Raises Forbidden, Invalid, Missing, and Conflict for `latest` or where a prompt that
        depends on a label would no longer resolve.
        """
        known = require(actor, Role.INSTRUCTOR)
        wanted = None if labels is None else checked_labels(labels)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            before = await tx.prompts.version(name, version)
            if before is None:
                raise Missing("Prompt not found")
            if wanted is None:
                return await _viewed(tx, before)
            borne = frozenset(before.labels) - {LATEST}
            move = LabelMove(added=frozenset(wanted) - borne, removed=borne - frozenset(wanted))
            require_unprotected(
                move, self._policy.protected_labels, is_new_name=False, is_admin=known.is_admin
            )
            require_without_latest(wanted)
            now = self._clock.now()
            after = await tx.prompts.set_labels(name, version, wanted, now)
            require_whole(await tx.prompts.all_versions())
            await tx.epochs.raise_platform()
            if move.added or move.removed:
                await _record_labels(tx, known, after, move, now)
            return await _viewed(tx, after)


async def _record_labels(
    tx: Write, actor: Actor, prompt: PromptVersion, move: LabelMove, now: datetime
) -> None:
    await record(
        tx, actor, Action.PROMPT_LABELED, prompt.name, now, version=prompt.version,
        added=sorted(move.added), removed=sorted(move.removed),
    )  # fmt: skip


async def _viewed(tx: Read, prompt: PromptVersion) -> PromptView:
    resolved = resolve(prompt, await read_graph(tx.prompts, [prompt]))
    return PromptView(prompt=prompt, dependencies=refs_of(prompt.prompt), resolved=resolved)
