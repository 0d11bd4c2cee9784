"""A version of a prompt that comes from elsewhere, and what is told of it on the way."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeVar

from msgspec import Struct

from twosigma.domain.chat_prompts import require_distinct
from twosigma.domain.errors import Conflict, Fault, Invalid, Loc
from twosigma.domain.prompt_rules import checked_prompt
from twosigma.domain.prompts import (
    CHAT,
    NewPromptVersion,
    PromptVersion,
    require_free_name,
    without_latest,
)

T = TypeVar("T")
MAX_NUMBER = 999_999
"""The highest number with which a version may come."""


def reached(
    chosen: Iterable[T], referred: Callable[[T], Iterable[T]], key: Callable[[T], Hashable]
) -> set[Hashable]:
    """The keys of the chosen ones, of what these refer to, and so on."""
    kept: set[Hashable] = set()
    waiting = list(chosen)
    while waiting:
        one = waiting.pop()
        if key(one) not in kept:
            kept.add(key(one))
            waiting += referred(one)
    return kept


class Incoming(Struct, frozen=True, kw_only=True):
    """A version as it comes, checked by itself. `source`: what the person who brings it calls it,
    the only one of that name; `loc`: where what it says begins; `new` has its number there."""

    source: str
    loc: Loc
    new: NewPromptVersion

    def fault(self, msg: str) -> Fault:
        return Fault(self.loc, msg, "value_error")


class Fields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of a version beside its number and what it says."""

    name: str
    type: Literal["text", "chat"] = "text"
    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    commit_message: str | None = None
    config: dict[str, object] = {}


def fields_of(prompt: PromptVersion) -> Fields:
    """The fields as they are told elsewhere; `latest` goes without saying."""
    return Fields(
        name=prompt.name,
        type="chat" if prompt.type == CHAT else "text",
        labels=without_latest(prompt.labels),
        tags=prompt.tags,
        commit_message=prompt.commit_message,
        config=dict(prompt.config),
    )


def checked(
    fields: Fields,
    said: str | Sequence[Mapping[str, object]],
    at: Callable[[Fault], Fault],
    *,
    number: int,
    author: str,
    now: datetime,
) -> NewPromptVersion:
    """The version with these fields that says this. Raises Invalid with its faults, each of which
    `at` puts where it came from."""
    new = NewPromptVersion(
        name=fields.name, type=fields.type, prompt=said if isinstance(said, str) else "",
        config=fields.config, labels=fields.labels, tags=fields.tags,
        commit_message=fields.commit_message, version=number, created_by=author, created_at=now,
    )  # fmt: skip
    return fit(new, None if isinstance(said, str) else said, at)


def fit(
    new: NewPromptVersion,
    sent: Sequence[Mapping[str, object]] | None,
    at: Callable[[Fault], Fault],
) -> NewPromptVersion:
    """The version as it is kept here; raises Invalid with its faults, each of which `at` puts
    where it came from. `sent`: as in `checked_prompt`."""
    try:
        new = checked_prompt(new, sent)
        require_free_name(new.name)
        require_distinct(new.messages)
    except Invalid as refused:
        raise Invalid(map(at, refused.faults)) from refused
    except Conflict as refused:
        key = "prompt" if new.messages else "name"
        fault = Fault(("body", key), refused.detail, "value_error")
        raise Invalid([at(fault)]) from refused
    return new
