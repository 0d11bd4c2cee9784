"""Prompts: names, labels, tags, versions; who may be called what."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from twosigma.domain.chat_prompts import ChatMessage, Part
from twosigma.domain.errors import Conflict, Fault, Loc
from twosigma.domain.prompt_refs import Ref, refs_of

LATEST = "latest"
PRODUCTION = "production"
TEXT = "text"
CHAT = "chat"
RESERVED_NAMES = frozenset(
    {"labels", "names", "link-options", "preview", "export", "import", "new", "metrics",
     "prompt-detail"}
)  # fmt: skip
"""Names that routes of the API, or of Langfuse's, have taken."""

_LABEL = re.compile(r"[a-z0-9_.-]{1,36}")
_NOT_IN_NAMES = re.compile(r"[|<>\x00-\x1f\x7f-\x9f\ud800-\udfff]|@@@")


class NewPromptVersion(Struct, frozen=True, kw_only=True):
    """What an author gives; `labels` never holds `latest`. A text prompt has `prompt`, a chat
    prompt has `messages`. `version`: the number it has elsewhere."""

    name: str
    type: str = TEXT
    prompt: str = ""
    messages: tuple[Part, ...] = ()
    config: Mapping[str, object] = {}
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    commit_message: str | None = None
    version: int = 1
    created_by: str
    created_at: datetime


class PromptHead(Struct, frozen=True, kw_only=True):
    """One version of a prompt without what it says, with the labels and tags it bears now."""

    id: int
    name: str
    version: int
    type: str
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    commit_message: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime


class PromptVersion(PromptHead, frozen=True, kw_only=True):
    """One version of a prompt: of a text `prompt`, of a chat `messages`."""

    prompt: str
    messages: tuple[Part, ...] = ()
    config: Mapping[str, object]


def texts_of(prompt: PromptVersion) -> tuple[str, ...]:
    """All that a version says, piece by piece, in which references may stand."""
    if prompt.type == TEXT:
        return (prompt.prompt,)
    return tuple(part.content for part in prompt.messages if isinstance(part, ChatMessage))


def refs_in(prompt: PromptVersion) -> tuple[Ref, ...]:
    """The references of a version, in its order, each once."""
    return tuple(dict.fromkeys(ref for text in texts_of(prompt) for ref in refs_of(text)))


def require_type(kind: str, others: Sequence[PromptHead]) -> None:
    """Raise Conflict where the other versions of the name are of another type."""
    if others and others[0].type != kind:
        raise Conflict(f"The versions of {others[0].name!r} are of type {others[0].type!r}")


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


def without_latest(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that somebody has put on."""
    return tuple(label for label in labels if label != LATEST)
