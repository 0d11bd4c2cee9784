"""Prompts: names, labels, tags, versions; who may be called what."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from twosigma.domain.errors import Conflict, Fault, Loc

LATEST = "latest"
PRODUCTION = "production"
RESERVED_NAMES = frozenset(
    {"labels", "names", "link-options", "preview", "export", "import", "new", "metrics",
     "prompt-detail"}
)  # fmt: skip
"""Names that routes of the API, or of Langfuse's, have taken."""

_LABEL = re.compile(r"[a-z0-9_.-]{1,36}")
_NOT_IN_NAMES = re.compile(r"[|<>\x00-\x1f\x7f-\x9f\ud800-\udfff]|@@@")


class NewPromptVersion(Struct, frozen=True, kw_only=True):
    """What an author gives; `labels` never holds `latest`."""

    name: str
    prompt: str
    config: Mapping[str, object] = {}
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    commit_message: str | None = None
    created_by: str
    created_at: datetime


class PromptVersion(Struct, frozen=True, kw_only=True):
    """One version of a prompt, with the labels and tags it bears now."""

    id: int
    name: str
    version: int
    type: str
    prompt: str
    config: Mapping[str, object]
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    commit_message: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime


def name_faults(name: str, loc: Loc) -> list[Fault]:
    """What is wrong with the form of a (trimmed) name."""
    if not name:
        return [Fault(loc, "a prompt needs a name", "value_error.any_str.min_length")]
    if len(name) > 255:
        return [Fault(loc, "at most 255 characters", "value_error.any_str.max_length")]
    if _NOT_IN_NAMES.search(name) or "" in name.split("/"):
        text = "no |, <, >, @@@ or control characters, and no leading, trailing or double /"
        return [Fault(loc, text, "value_error.str.regex")]
    return []


def require_free_name(name: str) -> None:
    """Raise Conflict for a name that a route has taken."""
    if name in RESERVED_NAMES:
        raise Conflict(f"The name {name!r} is reserved")


def label_faults(labels: Sequence[str], loc: Loc) -> list[Fault]:
    """What is wrong with the form of labels."""
    faults = [
        Fault((*loc, at), "1-36 of a-z, 0-9, '_', '.', '-'", "value_error.str.regex")
        for at, label in enumerate(labels)
        if not _LABEL.fullmatch(label)
    ]
    if len(labels) > 20:
        faults.append(Fault(loc, "at most 20 labels", "value_error.list.max_items"))
    return faults


def tag_faults(tags: Sequence[str], loc: Loc) -> list[Fault]:
    """What is wrong with the form of tags."""
    faults = [
        Fault(
            (*loc, at), "1-50 characters", f"value_error.any_str.{'max' if tag else 'min'}_length"
        )
        for at, tag in enumerate(tags)
        if not 1 <= len(tag) <= 50
    ]
    if len(tags) > 20:
        faults.append(Fault(loc, "at most 20 tags", "value_error.list.max_items"))
    return faults


def without_repeats(words: Sequence[str]) -> tuple[str, ...]:
    """The words in their order, each once."""
    return tuple(dict.fromkeys(words))
