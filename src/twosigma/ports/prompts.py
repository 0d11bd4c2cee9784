"""Prompts and their versions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import NewPromptVersion, PromptHead, PromptVersion


class Use(Struct, frozen=True, kw_only=True):
    """What names a prompt, or was made with one: `id` and `title` are its own; `course_id` is
    None for a content type, which is of no course."""

    kind: str
    id: int
    title: str
    course_id: int | None


class PromptsReader(Protocol):
    async def version(self, name: str, version: int) -> PromptVersion | None: ...

    async def labeled(self, name: str, label: str) -> PromptVersion | None:
        """The version that bears this label; `latest` is borne by the highest."""
        ...

    async def find(self, refs: Collection[Ref]) -> Mapping[Ref, PromptVersion]:
        """The versions that these references name, but for those that name none."""
        ...

    async def versions(self, name: str) -> Sequence[PromptVersion]:
        """All versions of a name, newest first."""
        ...

    async def heads(self, name: str | None = None) -> Sequence[PromptHead]:
        """All versions of a name, or of every name, without what they say; in no order."""
        ...

    async def named(self, version_ids: Collection[int]) -> Mapping[int, tuple[str, int]]:
        """The name and number of those of these versions that there are, by id."""
        ...

    async def all_versions(self) -> Sequence[PromptVersion]:
        """Every version of every name, by (name, version)."""
        ...

    async def uses(self, names: Collection[str], version_ids: Collection[int]) -> Sequence[Use]:
        """What names one of these prompts (`course`, `content_item`, `content_type`), and what
        was made with one of these versions (`cache_tree`, with its item's title); by kind and
        id."""
        ...


class Prompts(PromptsReader, Protocol):
    async def lock(self) -> None:
        """Hold the one lock of all prompt writes until the transaction ends."""
        ...

    async def add(self, prompt: NewPromptVersion) -> PromptVersion:
        """The next version of its name (numbers are never used twice, even after deletion): it
        has its own number where that is still to come, else the next.
        Its labels leave older versions; tags, if given, become those of all versions, else
        they are the name's. Needs `lock`."""
        ...

    async def add_all(self, prompts: Sequence[NewPromptVersion]) -> Sequence[int]:
        """Add these one after the other, as `add` does: the number of each. Needs `lock`."""
        ...

    async def set_labels(
        self, name: str, version: int, labels: Sequence[str], now: datetime
    ) -> PromptVersion:
        """Replace the labels of a version (but `latest`, which stays where it is); they leave
        other versions. Needs `lock`."""
        ...

    async def set_tags(self, name: str, tags: Sequence[str], now: datetime) -> None:
        """Replace the tags of a name, those of all its versions. Needs `lock`."""
        ...

    async def remove(self, name: str, versions: Collection[int]) -> None:
        """Remove these versions with their labels. A name without any version has no tags
        either; its numbers do not come back. Needs `lock`."""
        ...
