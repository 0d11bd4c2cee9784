"""What every installation has: the content types and the tutor's own prompt."""

from twosigma.app.context import FALLBACK_PROMPT
from twosigma.domain.content import SYSTEM_TYPES
from twosigma.domain.prompts import PRODUCTION, NewPromptVersion
from twosigma.domain.tutor_prompt import TUTOR_PROMPT
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store

AUTHOR = "2sigma"


class Installation:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def install(self) -> None:
        """Put in place what is missing; what is there stays as it is."""
        async with self._store.write() as tx:
            names = {kind.name for kind in await tx.content.types()}
            for kind in SYSTEM_TYPES:
                if kind.name not in names:
                    await tx.content.add_type(kind)
            await tx.prompts.lock()
            if not await tx.prompts.versions(FALLBACK_PROMPT):
                await tx.prompts.add(
                    NewPromptVersion(
                        name=FALLBACK_PROMPT,
                        prompt=TUTOR_PROMPT,
                        labels=(PRODUCTION,),
                        tags=("tutor",),
                        commit_message="Installed with 2Sigma",
                        created_by=AUTHOR,
                        created_at=self._clock.now(),
                    )
                )
                await tx.epochs.raise_platform()

    async def require_ready(self) -> None:
        """Raise Unavailable unless the store can be used."""
        await self._store.require_ready()
