"""The hit path: what both databases' forms of it share."""

from typing import Protocol

from twosigma.ports.chat import Hit, HitRequest


class HotPath(Protocol):
    """Answers from the tree in one step, over connections of its own."""

    async def advance(self, hit: HitRequest) -> Hit | None: ...

    async def close(self) -> None:
        """Let its connections go."""
        ...
