"""Other services that have prompts."""

from collections.abc import Callable, Sequence
from typing import Protocol

from twosigma.domain.prompt_pull import Pulled

OnProgress = Callable[[int, int], None]
"""Hears how many versions are read, and how many there are."""


class PromptSource(Protocol):
    async def versions(self, on_progress: OnProgress) -> Sequence[Pulled]:
        """Every version of every prompt, each once, as they are at one moment. Raises
        Unavailable, with a line for the person who asked."""
        ...
