"""What every installation has: the content types, and the tutor's own prompts."""

import logging
from collections.abc import Sequence

from twosigma.app.audit_trail import prompt_entry
from twosigma.domain.content import SYSTEM_TYPES
from twosigma.domain.errors import Conflict
from twosigma.domain.prompt_dependents import require_whole
from twosigma.domain.prompt_files import PromptFile, read
from twosigma.domain.prompt_incoming import Incoming
from twosigma.domain.prompt_porting import read_all
from twosigma.domain.prompts import NewPromptVersion, refs_in
from twosigma.domain.tutor_prompts import AUTHOR, editions_due
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store, Write

_log = logging.getLogger(__name__)


class Installation:
    def __init__(self, store: Store, clock: Clock, prompts: Sequence[PromptFile]) -> None:
        """`prompts`: those that come with 2Sigma, one file a name."""
        self._store = store
        self._clock = clock
        self._prompts = prompts

    async def install(self) -> None:
        """Put in place what is missing; what is there stays as it is. May run again and again,
        and is to run with each new release."""
        now = self._clock.now()
        shipped = read_all(self._prompts, lambda file: read(file, AUTHOR, now))
        try:
            await self._put(shipped)
        except Conflict as broken:
            # A name of ours is taken by something else: theirs goes on as it is.
            _log.error("no prompt was installed: %s", broken.detail)
            await self._put([])

    async def _put(self, shipped: Sequence[Incoming]) -> None:
        async with self._store.write() as tx:
            names = {kind.name for kind in await tx.content.types()}
            for kind in SYSTEM_TYPES:
                if kind.name not in names:
                    await tx.content.add_type(kind)
            await tx.prompts.lock()
            due = editions_due(shipped, await tx.prompts.all_versions())
            if due:
                await _add(tx, due)

    async def require_ready(self) -> None:
        """Raise Unavailable unless the store can be used."""
        await self._store.require_ready()


async def _add(tx: Write, due: Sequence[NewPromptVersion]) -> None:
    added = [await tx.prompts.add(one) for one in due]
    below = {ref.name for one in added for ref in refs_in(one)}
    # An error undoes them all.
    require_whole(await tx.prompts.all_versions(), below | {one.name for one in added})
    await tx.epochs.raise_platform()
    each = zip(due, added, strict=True)
    await tx.audit.append(*(prompt_entry(None, new, one.version) for new, one in each))
