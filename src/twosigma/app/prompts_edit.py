"""Write prompts: new versions, labels and tags, checked against all that depends on them."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from twosigma.app.audit_trail import prompt_entry, record
from twosigma.app.policy import Policy
from twosigma.app.prompt_graph import NO_PROMPT, PromptView, viewed
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.chat_prompts import require_distinct
from twosigma.domain.errors import Missing
from twosigma.domain.prompt_dependents import require_whole
from twosigma.domain.prompt_rules import (
    LabelMove,
    checked_labels,
    checked_prompt,
    checked_tags,
    require_unprotected,
    require_without_latest,
)
from twosigma.domain.prompts import (
    LATEST,
    TEXT,
    NewPromptVersion,
    PromptVersion,
    require_free_name,
    require_type,
)
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store, Write


class PromptDraft(Struct, frozen=True, kw_only=True):
    """What an author sends: a text, or the messages of a chat."""

    name: str
    prompt: str | Sequence[Mapping[str, object]]
    type: str = TEXT
    config: Mapping[str, object] = {}
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    commit_message: str | None = None


class PromptsEdit:
    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def create(self, actor: Actor | None, draft: PromptDraft) -> PromptView:
        """The next version of a name.

        Raises Forbidden to less than an INSTRUCTOR, and where a protected label would move;
        Invalid; Conflict for a reserved name, for another type than the name's, and for a
        dependency that is missing, circular or too deep, or one that this version (as `latest`,
        or by its labels) would break.
        """
        known = require(actor, Role.INSTRUCTOR)
        new = self._checked(known, draft)
        require_free_name(new.name)
        require_distinct(new.messages)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            others = await tx.prompts.heads(new.name)
            # An error below undoes the version: what depends on the name must stay whole.
            added = await tx.prompts.add(new)
            move = LabelMove(added=frozenset(new.labels), removed=frozenset())
            require_unprotected(
                move,
                self._policy.protected_labels,
                is_new_name=added.version == 1,
                is_admin=known.is_admin,
            )
            require_type(new.type, others)
            view = await viewed(tx.prompts, added)
            require_whole(await tx.prompts.all_versions(), {new.name})
            await tx.epochs.raise_platform()
            await tx.audit.append(prompt_entry(known, new, added.version))
            return view

    def _checked(self, author: Actor, draft: PromptDraft) -> NewPromptVersion:
        text, messages = (
            (draft.prompt, None) if isinstance(draft.prompt, str) else ("", draft.prompt)
        )
        new = NewPromptVersion(
            name=draft.name,
            type=draft.type,
            prompt=text,
            config=draft.config,
            labels=draft.labels,
            tags=draft.tags,
            commit_message=draft.commit_message,
            created_by=str(author.user_id),
            created_at=self._clock.now(),
        )
        return checked_prompt(new, messages)

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
            before = await _existing(tx, name, version)
            if wanted is None:
                return await viewed(tx.prompts, before)
            return await viewed(tx.prompts, await self._move(tx, known, before, wanted))

    async def add_labels(
        self, actor: Actor | None, name: str, version: int, labels: Sequence[str]
    ) -> PromptView:
        """Put labels on a version beside those it bears; they leave other versions. None that
        is new changes nothing.

        Raises Forbidden as `set_labels`, Invalid, Missing, Conflict for `latest`.
        """
        known = require(actor, Role.INSTRUCTOR)
        added = checked_labels(labels)
        require_without_latest(added)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            version_now = await _existing(tx, name, version)
            borne = [label for label in version_now.labels if label != LATEST]
            wanted = checked_labels([*borne, *added])
            if len(wanted) > len(borne):
                version_now = await self._move(tx, known, version_now, wanted)
            return await viewed(tx.prompts, version_now)

    async def take_label(self, actor: Actor | None, name: str, version: int, label: str) -> None:
        """Take one label off a version.

        Raises Forbidden as `set_labels`, Missing where the version does not bear it, and Conflict
        for `latest` or where a prompt that depends on the label would no longer resolve.
        """
        known = require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            before = await _existing(tx, name, version)
            if label not in before.labels:
                raise Missing("Label not found")
            require_without_latest([label])
            left = [each for each in before.labels if each not in (label, LATEST)]
            await self._move(tx, known, before, left)

    async def _move(
        self, tx: Write, actor: Actor, before: PromptVersion, wanted: Sequence[str]
    ) -> PromptVersion:
        """Give the version these labels, where the actor may and all stays whole."""
        borne = frozenset(before.labels) - {LATEST}
        move = LabelMove(added=frozenset(wanted) - borne, removed=borne - frozenset(wanted))
        require_unprotected(
            move, self._policy.protected_labels, is_new_name=False, is_admin=actor.is_admin
        )
        require_without_latest(wanted)
        now = self._clock.now()
        after = await tx.prompts.set_labels(before.name, before.version, wanted, now)
        require_whole(await tx.prompts.all_versions(), {before.name})
        await tx.epochs.raise_platform()
        if move.added or move.removed:
            await record(
                tx, actor, Action.PROMPT_LABELED, before.name, now, version=before.version,
                added=sorted(move.added), removed=sorted(move.removed),
            )  # fmt: skip
        return after

    async def set_tags(self, actor: Actor | None, name: str, tags: Sequence[str] | None) -> None:
        """Replace the tags of all versions of a name. None changes nothing.

        Raises Forbidden to less than an INSTRUCTOR, Invalid, Missing.
        """
        known = require(actor, Role.INSTRUCTOR)
        wanted = None if tags is None else checked_tags(tags)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            heads = await tx.prompts.heads(name)
            if not heads:
                raise Missing(NO_PROMPT)
            if wanted is not None and wanted != heads[0].tags:
                now = self._clock.now()
                await tx.prompts.set_tags(name, wanted, now)
                await record(
                    tx, known, Action.PROMPT_TAGGED, name, now,
                    before=list(heads[0].tags), after=list(wanted),
                )  # fmt: skip


async def _existing(tx: Write, name: str, version: int) -> PromptVersion:
    found = await tx.prompts.version(name, version)
    if found is None:
        raise Missing(NO_PROMPT)
    return found
