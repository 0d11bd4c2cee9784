"""Read prompts: lists of them, one as it resolves, two side by side, a text as it would be."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from twosigma.app.prompt_graph import NO_PROMPT, PromptView, viewed
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.prompt_diff import PromptDiff, diff
from twosigma.domain.prompt_lists import (
    Numbered,
    PromptFilter,
    PromptGroup,
    fits,
    grouped,
    labels_of,
)
from twosigma.domain.prompt_preview import Preview, checked_preview, preview, unsaved
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_template import Value
from twosigma.domain.prompts import PRODUCTION, PromptHead, PromptVersion
from twosigma.ports.prompts import PromptsReader
from twosigma.ports.store import Store


class VersionView(Struct, frozen=True, kw_only=True):
    """A version in a list. `creator`: the full name of the account that made it, None where it
    is of no account."""

    head: PromptHead
    creator: str | None


class GroupView(Struct, frozen=True, kw_only=True):
    """A name in a list, with the `config` of the highest version that fits."""

    group: PromptGroup
    config: Mapping[str, object]


class PreviewView(Struct, frozen=True, kw_only=True):
    """A text as it would be, and the references in it."""

    preview: Preview
    dependencies: tuple[Ref, ...]


class PromptsRead:
    """For INSTRUCTORs and above: to anybody less every method raises Forbidden."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(
        self, actor: Actor | None, wanted: PromptFilter, page: Numbered
    ) -> tuple[Sequence[PromptGroup], int]:
        """A page of the names that have a version that fits, by name, and how many there are; a
        group tells of the versions that fit."""
        require(actor, Role.INSTRUCTOR)
        groups = grouped(head for head in await self._heads() if fits(head, wanted))
        return groups[page.rows], len(groups)

    async def list_with_configs(
        self, actor: Actor | None, wanted: PromptFilter, page: Numbered
    ) -> tuple[Sequence[GroupView], int]:
        """As `list`, with configs."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.read() as tx:
            heads = await tx.prompts.heads(wanted.exact)
            groups = grouped(head for head in heads if fits(head, wanted))
            newest = {
                group.name: Ref(name=group.name, version=group.versions[-1])
                for group in groups[page.rows]
            }
            found = await tx.prompts.find(newest.values())
        views = [
            GroupView(group=group, config=found[newest[group.name]].config)
            for group in groups[page.rows]
        ]
        return views, len(groups)

    async def groups(self, actor: Actor | None) -> Sequence[PromptGroup]:
        """Every name with all its versions, labels and tags, by name."""
        require(actor, Role.INSTRUCTOR)
        return grouped(await self._heads())

    async def labels(self, actor: Actor | None) -> Sequence[str]:
        """Every label that some version bears, `latest` last."""
        require(actor, Role.INSTRUCTOR)
        return labels_of(await self._heads())

    async def get(
        self, actor: Actor | None, name: str, version: int | None, label: str | None
    ) -> PromptView:
        """A version as it resolves: by number, by label, or the one labeled `production`.

        Raises Missing, and Conflict for both selectors or where it does not resolve.
        """
        require(actor, Role.INSTRUCTOR)
        async with self._store.read() as tx:
            return await viewed(tx.prompts, await _chosen(tx.prompts, name, version, label))

    async def raw(
        self, actor: Actor | None, name: str, version: int | None, label: str | None
    ) -> PromptVersion:
        """A version as it is stored, chosen as by `get`, whether it resolves or not. Raises
        Missing, and Conflict for both selectors."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.read() as tx:
            return await _chosen(tx.prompts, name, version, label)

    async def versions(
        self, actor: Actor | None, name: str, page: Numbered
    ) -> tuple[Sequence[VersionView], int]:
        """A page of a name's versions, newest first, and how many there are. Raises Missing."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.read() as tx:
            heads = await tx.prompts.heads(name)
            if not heads:
                raise Missing(NO_PROMPT)
            shown = sorted(heads, key=lambda head: head.version, reverse=True)[page.rows]
            authors = {int(head.created_by) for head in shown if head.created_by.isdecimal()}
            users = await tx.accounts.get_all(authors)
        names = {str(user_id): user.full_name for user_id, user in users.items()}
        views = [VersionView(head=head, creator=names.get(head.created_by)) for head in shown]
        return views, len(heads)

    async def diff(self, actor: Actor | None, name: str, before: int, after: int) -> PromptDiff:
        """What one version changes of another. Raises Missing where either is not there."""
        require(actor, Role.INSTRUCTOR)
        refs = [Ref(name=name, version=before), Ref(name=name, version=after)]
        async with self._store.read() as tx:
            found = await tx.prompts.find(refs)
        if any(ref not in found for ref in refs):
            raise Missing(NO_PROMPT)
        return diff(found[refs[0]], found[refs[1]])

    async def preview(
        self, actor: Actor | None, text: str, variables: Mapping[str, Value]
    ) -> PreviewView:
        """What a text would become with these values; nothing is stored.

        Raises Invalid, and Conflict where it does not resolve or would be too long.
        """
        require(actor, Role.INSTRUCTOR)
        checked_preview(text, variables)
        async with self._store.read() as tx:
            view = await viewed(tx.prompts, unsaved(text))
        return PreviewView(
            preview=preview(view.resolved.text, variables), dependencies=view.dependencies
        )

    async def _heads(self) -> Sequence[PromptHead]:
        async with self._store.read() as tx:
            return await tx.prompts.heads()


async def _chosen(
    prompts: PromptsReader, name: str, version: int | None, label: str | None
) -> PromptVersion:
    if version is not None and label is not None:
        raise Conflict("Give a version or a label, not both")
    if version is not None:
        prompt = await prompts.version(name, version)
    else:
        prompt = await prompts.labeled(name, PRODUCTION if label is None else label)
    if prompt is None:
        raise Missing(NO_PROMPT)
    return prompt
