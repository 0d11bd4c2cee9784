"""Prompts in lists: grouped by name, filtered, paged."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from unicodedata import normalize

from msgspec import Struct

from twosigma.domain.prompts import LATEST, PromptHead, without_repeats

MAX_PAGE = 2**31 - 1


class PromptFilter(Struct, frozen=True, kw_only=True):
    """Which versions a list shows: `name` is part of theirs, in any case, `exact` all of it;
    changed at `updated_from` or later, and before `updated_before`."""

    name: str | None = None
    exact: str | None = None
    version: int | None = None
    label: str | None = None
    tag: str | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None


class Numbered(Struct, frozen=True, kw_only=True):
    """A page by its number, from 1."""

    page: int = 1
    size: int = 20

    @property
    def rows(self) -> slice:
        return slice((self.page - 1) * self.size, self.page * self.size)


class PromptGroup(Struct, frozen=True, kw_only=True):
    """A name with what its versions have together; `newest_id`: of the highest."""

    name: str
    type: str
    versions: tuple[int, ...]
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    last_updated_at: datetime
    newest_id: int


def fits(head: PromptHead, wanted: PromptFilter) -> bool:
    """Whether a version fits all that is asked for."""
    return (
        _is_named(head.name, wanted)
        and (wanted.version is None or wanted.version == head.version)
        and (wanted.label is None or wanted.label in head.labels)
        and (wanted.tag is None or wanted.tag in head.tags)
        and (wanted.updated_from is None or wanted.updated_from <= head.updated_at)
        and (wanted.updated_before is None or head.updated_at < wanted.updated_before)
    )


def _is_named(name: str, wanted: PromptFilter) -> bool:
    is_part = wanted.name is None or _folded(wanted.name) in _folded(name)
    return is_part and wanted.exact in (None, name)


def _folded(text: str) -> str:
    return normalize("NFC", text).casefold()


def grouped(heads: Iterable[PromptHead]) -> list[PromptGroup]:
    """The versions by name; names and versions in their order."""
    by_name: dict[str, list[PromptHead]] = {}
    for head in sorted(heads, key=lambda each: (each.name, each.version)):
        by_name.setdefault(head.name, []).append(head)
    return [_group(listed) for listed in by_name.values()]


def _group(heads: Sequence[PromptHead]) -> PromptGroup:
    newest = heads[-1]
    return PromptGroup(
        name=newest.name,
        type=newest.type,
        versions=tuple(head.version for head in heads),
        labels=labels_of(heads),
        tags=newest.tags,
        last_updated_at=max(head.updated_at for head in heads),
        newest_id=newest.id,
    )


def labels_of(heads: Iterable[PromptHead]) -> tuple[str, ...]:
    """All labels, each once, in their order; `latest` comes last."""
    borne = without_repeats([label for head in heads for label in head.labels])
    return tuple(sorted(borne, key=lambda label: (label == LATEST, label)))
