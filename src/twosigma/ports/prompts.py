"""Prompts and their versions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import NewPromptVersion, PromptVersion


class PromptsReader(Protocol):
    async def version(self, name: str, version: int) -> PromptVersion | None: ...

    async def labeled(self, name: str, label: str) -> PromptVersion | None:
        """The version that bears this label; `latest` is borne by the highest."""
        ...

    async def find(self, refs: Collection[Ref]) -> Mapping[Ref, PromptVersion]:
        """The versions that these references name, of those that name one."""
        ...

    async def versions(self, name: str) -> Sequence[PromptVersion]:
        """All versions of a name, newest first."""
        ...

    async def named(self, version_ids: Collection[int]) -> Mapping[int, tuple[str, int]]:
        """The name and number of those of these versions that there are, by id."""
        ...

    async def all_versions(self) -> Sequence[PromptVersion]:
        """Every version of every name, by (name, version)."""
        ...


class Prompts(PromptsReader, Protocol):
    async def lock(self) -> None:
        """Hold the one lock of all prompt writes until the transaction ends."""
        ...

    async def add(self, prompt: NewPromptVersion) -> PromptVersion:
        """The next version of its name (numbers are never used twice, even after deletion).
        Its labels leave older versions; tags, if given, become those of all versions, else
        they are the name's. Needs `lock`."""
        ...

    async def set_labels(
        self, name: str, version: int, labels: Sequence[str], now: datetime
    ) -> PromptVersion:
        """Replace the labels of a version (but `latest`, which stays where it is); they leave
        other versions. Needs `lock`."""
        ...
