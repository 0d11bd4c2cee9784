"""Delete prompts, whole or by version, where nothing stored depends on what would go."""

from collections.abc import Sequence

from twosigma.app.audit_trail import record
from twosigma.app.prompt_graph import NO_PROMPT
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.prompt_dependents import require_whole
from twosigma.domain.prompts import PromptHead
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store, Write


class PromptsRemove:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def remove(self, actor: Actor | None, name: str) -> None:
        """Delete a prompt with all its versions; its numbers do not come back.

        Raises Forbidden to less than a PLATFORM_ADMIN, Missing, and Conflict where a version of
        another prompt depends on it.
        """
        known = require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            versions = sorted(head.version for head in await tx.prompts.heads(name))
            await _remove(tx, name, versions)
            now = self._clock.now()
            await record(tx, known, Action.PROMPT_DELETED, name, now, versions=versions)

    async def remove_version(self, actor: Actor | None, name: str, version: int) -> None:
        """Delete one version; `latest` moves to the highest that is left.

        Raises Forbidden to less than a PLATFORM_ADMIN, Missing, and Conflict where a version of
        another prompt depends on this one, by its number or by a label.
        """
        known = require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            await tx.prompts.lock()
            gone = [head for head in await tx.prompts.heads(name) if head.version == version]
            await self._remove_one(tx, known, name, gone)

    async def remove_chosen(
        self, actor: Actor | None, name: str, version: int | None, label: str | None
    ) -> None:
        """Delete the version of this number, or the one with this label; with neither, all.

        Raises as `remove_version`, and Conflict for both.
        """
        known = require(actor, Role.PLATFORM_ADMIN)
        if version is not None and label is not None:
            raise Conflict("Give a version or a label, not both")
        if version is not None:
            await self.remove_version(known, name, version)
        elif label is not None:
            await self._remove_labeled(known, name, label)
        else:
            await self.remove(known, name)

    async def _remove_labeled(self, actor: Actor, name: str, label: str) -> None:
        async with self._store.write() as tx:
            await tx.prompts.lock()
            gone = [head for head in await tx.prompts.heads(name) if label in head.labels]
            await self._remove_one(tx, actor, name, gone)

    async def _remove_one(
        self, tx: Write, actor: Actor, name: str, gone: Sequence[PromptHead]
    ) -> None:
        """Delete the one version that this is; raises Missing for none."""
        await _remove(tx, name, [head.version for head in gone])
        await record(
            tx, actor, Action.PROMPT_VERSION_DELETED, name, self._clock.now(),
            version=gone[0].version, labels=list(gone[0].labels),
        )  # fmt: skip


async def _remove(tx: Write, name: str, versions: list[int]) -> None:
    if not versions:
        raise Missing(NO_PROMPT)
    await tx.prompts.remove(name, versions)
    # An error undoes the removal.
    require_whole(await tx.prompts.all_versions(), {name})
    await tx.epochs.raise_platform()
